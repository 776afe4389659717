// Numbers as the server writes them, and sentences whose words come from the page (data-t-* attributes).
const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB'];

/** "{sent} of {total}" with its names replaced. */
export const fill = (sentence, values) =>
  sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));

/** Bytes in powers of a thousand, as the server's `size` filter writes them. */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  let step = 0;
  while (step < UNITS.length - 1 && bytes / 1000 ** (step + 1) >= 999.5) step += 1;
  const amount = bytes / 1000 ** (step + 1);
  return `${amount < 100 ? amount.toFixed(1) : amount.toFixed(0)} ${UNITS[step]}`;
}

/** Seconds as "40 s", "3 min" or "2.5 h". */
export function duration(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} s`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** Say something to screen readers; base.html has the region. */
export function say(sentence) {
  const live = document.getElementById('live');
  if (live) live.textContent = sentence;
}
