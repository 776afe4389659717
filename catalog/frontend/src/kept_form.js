// What was typed in the moment before the page is left is saved all the same: the form waits until the typing pauses,
// and a request that is under way when the page goes away may be broken off.
const form = document.getElementById('describe');
let typed = 0;
let sent = 0;
let saved = 0;

form?.addEventListener('input', () => {
  typed += 1;
});
form?.addEventListener('htmx:beforeRequest', () => {
  sent = typed;
});
form?.addEventListener('htmx:afterRequest', (event) => {
  if (event.detail.successful) saved = sent;
});
addEventListener('pagehide', () => {
  if (!form || saved === typed) return;
  fetch(form.action, { method: 'POST', body: new FormData(form), headers: { 'HX-Request': 'true' }, keepalive: true });
  saved = typed;
});
