// The page "Share data": the upload panel, and the stages of what has been uploaded.
import './kept_form.js';
import './upload_panel.js';
import { say } from './words.js';

document.addEventListener('uploaded', (event) => {
  const jobs = document.getElementById('jobs');
  if (!jobs) return;
  const address = jobs.dataset.job.replace('00000000-0000-0000-0000-000000000000', event.detail.id);
  // The row goes when the stages are there, so that the file is never out of sight.
  window.htmx.ajax('GET', address, { target: jobs, swap: 'afterbegin' }).then(() => event.detail.finish());
});

// A worker has come to an end with an address: if it was refused, the form says why. Whoever types the next one
// meanwhile is left alone; the file's own card says the same.
document.addEventListener('cf:import', () => {
  const field = document.getElementById('import-url');
  if (field && !field.value) window.htmx.ajax('GET', field.form.action, { target: '#import', swap: 'outerHTML' });
});

// A fragment says what has changed: the region is outside of what is swapped, so that it is read once.
document.addEventListener('cf:say', (event) => say(event.detail.sentence));
