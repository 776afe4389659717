// The page's side of upload.worker.js.

/** The file can't be read any more: it was changed or removed after it was chosen. */
export class FileUnreadable extends Error {
  fatal = true;
  key = 'changed';
}

/** One worker thread. Several digests may be asked for at once; they share it. */
export class Hasher {
  #worker;
  #waiting = new Map();
  #last = 0;

  constructor(url) {
    this.#worker = new Worker(url, { type: 'module' });
    this.#worker.addEventListener('message', ({ data }) => this.#hear(data));
    this.#worker.addEventListener('error', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the hashing worker stopped'));
      this.#waiting.clear();
    });
  }

  /** The digest of `blob`: md5 in base64, sha256 in hex. Rejects with FileUnreadable. */
  digest(algorithm, blob, progress = () => {}) {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, progress });
      this.#worker.postMessage({ id, algorithm, blob });
    });
  }

  close() {
    this.#worker.terminate();
    this.#waiting.clear();
  }

  #hear({ id, read, digest, unreadable }) {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    if (read !== undefined) {
      waiting.progress(read);
      return;
    }
    this.#waiting.delete(id);
    if (unreadable) waiting.reject(new FileUnreadable());
    else waiting.resolve(digest);
  }
}
