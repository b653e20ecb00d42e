/** How long to wait from one try to the next. */
export interface Backoff {
  /** Milliseconds after the first failure; doubled with each one that follows. */
  readonly first: number;
  readonly longest: number;
}

/** Milliseconds to wait after the `failures`-th failure in a row (from 1). `random`, from 0 up to 1, spreads those that failed together. */
export function delayAfter(failures: number, { first, longest }: Backoff, random: number): number {
  const whole = Math.min(longest, first * 2 ** Math.min(failures - 1, 40));
  return whole * (0.5 + random / 2);
}
