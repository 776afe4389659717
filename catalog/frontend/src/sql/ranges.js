// A file of ours as hyparquet reads it: bytes by Range, with the reader's session, each range asked for once.

/** The server refused a range: signed out, not allowed, too often. `status` is HTTP's, 0 without an answer. */
export class Unreadable extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** `bytes` is the file's length, known beforehand: a HEAD is not answered by signed addresses. */
export function rangesOf({ url, bytes }) {
  const known = new Map();
  return {
    byteLength: bytes,
    slice(start, end = bytes) {
      const key = `${start}-${end}`;
      if (!known.has(key)) {
        const read = readRange(url, start, end);
        known.set(key, read);
        // What failed may be asked for again.
        read.catch(() => known.delete(key));
      }
      return known.get(key);
    },
  };
}

async function readRange(url, start, end) {
  let answer;
  try {
    // Redirected to the object store; every range is asked of us, so that each is charged and on record.
    answer = await fetch(url, { headers: { Range: `bytes=${start}-${end - 1}` }, credentials: 'same-origin' });
  } catch {
    throw new Unreadable(0, '');
  }
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new Unreadable(answer.status, problem.detail ?? problem.title ?? `HTTP ${answer.status}`);
  }
  const body = await answer.arrayBuffer();
  // A server that knows no ranges sends the whole.
  return answer.status === 206 ? body : body.slice(start, end);
}
