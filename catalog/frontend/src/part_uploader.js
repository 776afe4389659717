// One file to the object store in parts: parallel, each with its MD5, paused and resumed at will, also after a
// reload of the page. Knows nothing of the page: it emits `state`, `progress` and `done`.
import { FileUnreadable } from './hasher.js';
import { retrying } from './retry.js';

const LANES = 4;
const COMPLETE_ROUNDS = 3;
const ACTIVE = new Set(['queued', 'running', 'offline', 'finishing']);
const OVER = new Set(['done', 'cancelled']);
/** Upload states in which the server has every byte. */
const ARRIVED = new Set(['received', 'processing', 'stored', 'rejected', 'failed']);

export class PartUploader extends EventTarget {
  state = 'idle';
  id = null;
  error = null;
  #dataset;
  #purpose;
  #api;
  #hasher;
  #slots;
  #files;
  #sha256 = null;
  #partSize = 0;
  #stored = new Map();
  #inFlight = new Map();
  #run = null;
  #creating = null;

  /**
   * `id` continues an upload that the server has. `hasher` does the MD5s (shared), `sha256Of(file)` gives a promise
   * of the whole file's hash, `slots` bounds the PUTs of all files together, `files` the files at work at once.
   */
  constructor(file, { dataset, purpose = {}, id = null, api, hasher, sha256Of, slots, files }) {
    super();
    this.file = file;
    this.id = id;
    this.sha256Of = sha256Of;
    this.#dataset = dataset;
    this.#purpose = purpose;
    this.#api = api;
    this.#hasher = hasher;
    this.#slots = slots;
    this.#files = files;
  }

  get isActive() {
    return ACTIVE.has(this.state);
  }

  /** Bytes that have arrived or are on their way. */
  get sent() {
    let total = 0;
    for (const size of this.#stored.values()) total += size;
    for (const loaded of this.#inFlight.values()) total += loaded;
    return Math.min(total, this.file.size);
  }

  /** Start, or go on after a pause or a failure. */
  async start() {
    if (this.isActive || OVER.has(this.state)) return;
    const run = new AbortController();
    this.#run = run;
    this.error = null;
    this.#become('queued');
    try {
      await this.#files.run(() => this.#work(run.signal), run.signal);
    } catch (error) {
      if (run.signal.aborted) return;
      run.abort();
      this.#inFlight.clear();
      this.error = error;
      this.#become('failed');
    }
  }

  pause() {
    if (!this.isActive) return;
    this.#stop();
    this.#become('paused');
  }

  /** Stop for good and have the server drop what it has. */
  async cancel() {
    if (OVER.has(this.state)) return;
    this.#stop();
    this.#become('cancelled');
    if (this.id) await this.#api.cancel(this.id).catch(() => {});
  }

  #stop() {
    this.#run?.abort();
    this.#inFlight.clear();
  }

  #become(state) {
    this.state = state;
    this.dispatchEvent(new CustomEvent('state', { detail: state }));
  }

  #tell() {
    this.dispatchEvent(new CustomEvent('progress', { detail: this.sent }));
  }

  #retrying(attempt, signal) {
    return retrying(attempt, signal, (offline) => this.#become(offline ? 'offline' : 'running'));
  }

  async #work(signal) {
    this.#become('running');
    let upload = await this.#open(signal);
    this.#sha256 ??= this.sha256Of(this.file);
    // The hash may fail before anybody waits for it; the failure is met at #complete.
    this.#sha256.catch(() => {});
    for (let round = 1; !upload; round += 1) {
      await this.#sendMissing(signal);
      this.#become('finishing');
      upload = await this.#complete(signal, round);
    }
    this.#become('done');
    this.dispatchEvent(new CustomEvent('done', { detail: upload }));
  }

  /** Begin an upload or pick up the one remembered. Returns it when every byte has arrived already. */
  async #open(signal) {
    if (this.id) {
      const found = await this.#retrying(() => this.#pickUp(signal), signal);
      if (found !== 'gone') return found;
      this.id = null;
      this.#stored.clear();
    }
    await this.#retrying(() => this.#create(), signal);
    signal.throwIfAborted();
    return null;
  }

  /** Never broken off, for the server may have begun the upload already: a pause or a cancel waits for its id. */
  #create() {
    this.#creating ??= this.#api
      .create(this.#dataset, this.file, this.#purpose)
      .then((upload) => {
        this.id = upload.id;
        this.#partSize = upload.part_size;
        if (this.state === 'cancelled') return this.#api.cancel(upload.id);
        this.dispatchEvent(new CustomEvent('opened', { detail: upload }));
        return null;
      })
      .finally(() => {
        this.#creating = null;
      });
    return this.#creating;
  }

  async #pickUp(signal) {
    try {
      const { part_size: size, parts } = await this.#api.parts(this.id, signal);
      this.#partSize = size;
      this.#stored.clear();
      for (const part of parts) {
        if (part.size === this.#bounds(part.number).length) this.#stored.set(part.number, part.size);
      }
      this.#tell();
      return null;
    } catch (error) {
      if (error.status === 404) return 'gone';
      if (error.status !== 409) throw error;
      const upload = await this.#api.get(this.id, signal);
      return ARRIVED.has(upload.state) ? upload : 'gone';
    }
  }

  async #sendMissing(signal) {
    const count = Math.max(1, Math.ceil(this.file.size / this.#partSize));
    const missing = [];
    for (let number = 1; number <= count; number += 1) if (!this.#stored.has(number)) missing.push(number);
    const lane = async () => {
      while (missing.length) {
        signal.throwIfAborted();
        await this.#send(missing.shift(), signal);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }

  async #send(number, signal) {
    const { start, length } = this.#bounds(number);
    const blob = this.file.slice(start, start + length);
    await this.#slots.run(
      () =>
        this.#retrying(async () => {
          // Hashed and signed anew at every attempt: the URL may have run out, the memory may have lied.
          const md5 = await this.#hasher.digest('md5', blob);
          signal.throwIfAborted();
          const { url, headers } = await this.#api.sign(this.id, { number, md5, size: length }, signal);
          await this.#put(number, url, headers, blob, signal);
        }, signal),
      signal,
    );
    this.#stored.set(number, length);
    this.#tell();
  }

  #put(number, url, headers, blob, signal) {
    return new Promise((resolve, reject) => {
      // fetch tells nothing of bytes sent; XMLHttpRequest does.
      const request = new XMLHttpRequest();
      const stop = () => request.abort();
      const end = (settle, value) => {
        signal.removeEventListener('abort', stop);
        this.#inFlight.delete(number);
        settle(value);
      };
      signal.addEventListener('abort', stop);
      request.open('PUT', url);
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.upload.addEventListener('progress', (event) => {
        this.#inFlight.set(number, event.loaded);
        this.#tell();
      });
      request.addEventListener('load', () => {
        if (request.status < 300) end(resolve);
        else end(reject, Object.assign(new Error(`HTTP ${request.status}`), { key: 'part', part: number }));
      });
      request.addEventListener('error', () =>
        end(reject, Object.assign(new Error('network'), { key: 'network', part: number })),
      );
      request.addEventListener('abort', () => end(reject, signal.reason));
      request.send(blob);
    });
  }

  /** The completed upload, or null when the store lacks parts that it had (they are sent again). */
  async #complete(signal, round) {
    let sha256;
    try {
      sha256 = await this.#sha256;
    } catch (error) {
      this.#sha256 = null;
      throw error instanceof FileUnreadable ? error : Object.assign(error, { fatal: true });
    }
    signal.throwIfAborted();
    try {
      return await this.#retrying(() => this.#api.complete(this.id, sha256, signal), signal);
    } catch (error) {
      if (error.problem?.code !== 'parts-missing' || round >= COMPLETE_ROUNDS) throw error;
      for (const number of error.problem.missing ?? []) this.#stored.delete(number);
      this.#become('running');
      return null;
    }
  }

  #bounds(number) {
    const start = (number - 1) * this.#partSize;
    return { start, length: Math.min(this.#partSize, this.file.size - start) };
  }
}
