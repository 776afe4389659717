// What the files are for, as the page's form says it. Values stand in one order, so that the same choice is the same.

/** The purpose of a file that explains the tables. */
export const DOCUMENT = Object.freeze({ kind: 'document' });

/** The purpose of files chosen now; empty where the page does not ask, as for a dataset's first table. */
export function chosenPurpose(form) {
  const mode = form?.querySelector('[name=mode]:checked')?.value ?? 'replace';
  if (mode === 'replace') return {};
  const key = mode === 'append' ? [] : names(form.querySelector('[name=key]')?.value);
  return purposeOf({
    mode,
    resource: form.querySelector('[name=resource]')?.value ?? '',
    key,
    new_columns: mode !== 'delete' && form.querySelector('[name=new_columns]')?.checked ? 'add' : 'refuse',
  });
}

/** The purpose of an upload that was begun earlier, out of the page's own words for it. */
export function purposeOf({ kind = 'table', mode = 'replace', resource = '', key = [], new_columns = 'refuse' }) {
  if (kind === DOCUMENT.kind) return DOCUMENT;
  return mode === 'replace' ? {} : { mode, resource, key, new_columns };
}

const names = (text = '') => text.split(',').map((name) => name.trim()).filter(Boolean);
