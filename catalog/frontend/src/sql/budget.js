// How much one question may make in memory. A worker that runs out of it takes the whole page with it.
/** The question would make more cells than fit beside the page: it belongs on the server. */
export class TooManyCells extends Error {}

let left = 0;

/** A new question with so many cells. */
export function begin(cells) {
  left = cells;
}

/** So many cells are about to be made. Throws TooManyCells. */
export function spend(cells) {
  left -= cells;
  if (left < 0) throw new TooManyCells();
}

/** Whether so many could still be made. */
export const affords = (cells) => cells <= left;
