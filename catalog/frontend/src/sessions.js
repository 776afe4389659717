// Which upload a file belongs to, remembered across page loads by dataset, what the file is for, its name, size and
// time of change: the same file may replace a table today and be added to another tomorrow.
const PREFIX = 'commonfield.upload:';

const keyOf = (dataset, purpose, file) =>
  PREFIX + JSON.stringify([dataset, file.name, file.size, file.lastModified, ...Object.values(purpose)]);

export function recall(dataset, purpose, file) {
  try {
    return localStorage.getItem(keyOf(dataset, purpose, file));
  } catch {
    return null;
  }
}

export function remember(dataset, purpose, file, id) {
  try {
    localStorage.setItem(keyOf(dataset, purpose, file), id);
  } catch {
    // Storage is full or forbidden: the upload goes on, it just can't be continued after a reload.
  }
}

export function forget(dataset, purpose, file) {
  try {
    localStorage.removeItem(keyOf(dataset, purpose, file));
  } catch {
    // Nothing was remembered then.
  }
}
