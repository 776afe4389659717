// Which upload a file belongs to, remembered across page loads by dataset, name, size and time of change.
const PREFIX = 'commonfield.upload:';

const keyOf = (dataset, file) => PREFIX + JSON.stringify([dataset, file.name, file.size, file.lastModified]);

export function recall(dataset, file) {
  try {
    return localStorage.getItem(keyOf(dataset, file));
  } catch {
    return null;
  }
}

export function remember(dataset, file, id) {
  try {
    localStorage.setItem(keyOf(dataset, file), id);
  } catch {
    // Storage is full or forbidden: the upload goes on, it just can't be continued after a reload.
  }
}

export function forget(dataset, file) {
  try {
    localStorage.removeItem(keyOf(dataset, file));
  } catch {
    // Nothing was remembered then.
  }
}
