// Trying again without bothering anybody: six times, each pause twice as long, waiting for the network in between.
export const RETRIES = 6;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;

const sleep = (milliseconds, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });

const network = (signal) =>
  new Promise((resolve, reject) => {
    addEventListener('online', resolve, { once: true, signal });
    signal.addEventListener('abort', () => reject(signal.reason));
  });

/**
 * Call `attempt` until it succeeds. An error with `fatal` is not tried again; being offline is no failure.
 * `onOffline(true)` is called when the network goes, `onOffline(false)` when it is back.
 */
export async function retrying(attempt, signal, onOffline = () => {}) {
  for (let failures = 0; ; ) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (error.fatal) throw error;
      if (!navigator.onLine) {
        onOffline(true);
        await network(signal);
        onOffline(false);
        continue;
      }
      if (failures >= RETRIES) throw error;
      const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures);
      failures += 1;
      // Half to one and a half of it, so that many clients do not come back in the same moment.
      await sleep(pause * (0.5 + Math.random()), signal);
    }
  }
}
