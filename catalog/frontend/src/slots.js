// At most `size` things at once, first come, first served.
export class Slots {
  #free;
  #queue = [];

  constructor(size) {
    this.#free = size;
  }

  /** Run `work` when a slot is free. An aborted `signal` leaves the queue at once. */
  async run(work, signal) {
    await this.#take(signal);
    try {
      return await work();
    } finally {
      this.#give();
    }
  }

  #take(signal) {
    signal?.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
      return undefined;
    }
    return new Promise((resolve, reject) => {
      const entry = { resolve };
      this.#queue.push(entry);
      signal?.addEventListener('abort', () => {
        const place = this.#queue.indexOf(entry);
        if (place < 0) return;
        this.#queue.splice(place, 1);
        reject(signal.reason);
      });
    });
  }

  #give() {
    const next = this.#queue.shift();
    if (next) next.resolve();
    else this.#free += 1;
  }
}
