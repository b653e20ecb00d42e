import { setImmediate } from "node:timers/promises";

/** Milliseconds that pure work may hold the process before others get their turn. Stores are worked on side by side, and each has its own. */
const slice = 8;

/** Drives a generator of pure work to its end, in slices, so that a hundred thousand identities never block the process. */
export async function inSlices<T>(work: Generator<void, T>): Promise<T> {
  let since = performance.now();
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    if (performance.now() - since < slice) continue;
    await setImmediate();
    since = performance.now();
  }
}

/** Does something for each of many, in slices. */
export function eachInSlices<T>(items: Iterable<T>, each: (item: T) => void): Promise<void> {
  return inSlices(
    (function* () {
      for (const item of items) {
        each(item);
        yield;
      }
    })(),
  );
}

/** Awaited between two pieces of work, gives others their turn where a slice is over: what is read of a state in this process gives them none. */
export function breathing(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < slice) return;
    await setImmediate();
    since = performance.now();
  };
}

/** Pieces of at most `size`, and between them the others' turn. */
export async function* inTurns<T>(items: readonly T[], size: number): AsyncGenerator<readonly T[]> {
  const breathe = breathing();
  for (const some of chunks(items, size)) {
    yield some;
    await breathe();
  }
}

/** Pieces of at most `size`. */
export function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

/** Waits for all of them even when one fails, and then fails as it did: nobody must go on behind the back of who called. */
export async function allOf(work: readonly Promise<void>[], onFailure: () => void = () => {}): Promise<void> {
  const noted = work.map((each) =>
    each.catch((error: unknown) => {
      onFailure();
      throw error;
    }),
  );
  for (const result of await Promise.allSettled(noted)) if (result.status === "rejected") throw result.reason;
}
