import { setTimeout as pause } from "node:timers/promises";

export interface WaitOptions {
  /** Milliseconds after which waiting fails. Generous, since it only matters when something is broken. */
  readonly timeout?: number;
  /** Milliseconds between two tries. */
  readonly every?: number;
  /** What is waited for, for the error: "slapd answers". */
  readonly what?: string;
}

/**
 * Waits until the condition gives something truthy, and returns it. A condition that throws is tried again; its last error is
 * the cause of the failure. Tests use this in the place of sleeping.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<NonNullable<T>> {
  const { timeout = 60_000, every = 10, what = "the condition" } = options;
  const end = performance.now() + timeout;
  let cause: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > end) throw new Error(`waited ${timeout} ms in vain until ${what}`, { cause });
    await pause(every);
  }
}
