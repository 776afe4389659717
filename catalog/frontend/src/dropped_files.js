// The files of a drop, those inside folders too.

const entriesOf = (folder) => {
  const reader = folder.createReader();
  const some = () => new Promise((resolve, reject) => reader.readEntries(resolve, reject));
  return (async () => {
    // A reader gives a hundred entries at a time, then an empty list.
    const all = [];
    for (let batch = await some(); batch.length; batch = await some()) all.push(...batch);
    return all;
  })();
};

async function filesIn(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const found = [];
  for (const inner of await entriesOf(entry)) found.push(...(await filesIn(inner)));
  return found;
}

/** Every file of a DataTransfer, without the hidden ones that systems leave in folders. */
export async function droppedFiles(transfer) {
  // Entries must be taken before the first await: the list is emptied when the event is over.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  const found = [];
  for (const entry of entries) found.push(...(await filesIn(entry)));
  return found.filter((file) => !file.name.startsWith('.'));
}
