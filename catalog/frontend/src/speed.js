// Bytes a second over the last few seconds, so that the time left does not jump.
const WINDOW = 6_000;

export class Speed {
  #marks = [];

  /** Begin anew: after a pause, what lay before it says nothing. */
  reset() {
    this.#marks = [];
  }

  add(bytes, now = performance.now()) {
    this.#marks.push([now, bytes]);
    while (this.#marks.length > 2 && now - this.#marks[0][0] > WINDOW) this.#marks.shift();
  }

  /** Null until a second has been seen. */
  get perSecond() {
    if (this.#marks.length < 2) return null;
    const [from, first] = this.#marks[0];
    const [until, last] = this.#marks.at(-1);
    return until - from < 1_000 || last <= first ? null : ((last - first) * 1_000) / (until - from);
  }
}
