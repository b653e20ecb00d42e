const workLimit = 20_000;
const textLimit = 65_536;
const listLimit = 1_000;

/**
 * Bounds one evaluation. A unit of work is an operation that makes a value, 64 characters or entries of what it handles, or one turn of
 * a loop; all of it together takes some ten milliseconds at most.
 */
export class Meter {
  private left = workLimit;

  /** Before each evaluation. */
  reset(): void {
    this.left = workLimit;
  }

  /** What an operation takes or makes. */
  handle(value: unknown): void {
    if (typeof value === "string") {
      if (value.length > textLimit) this.exhaust("makes a text of more than 64 KiB");
      this.spend(1 + (value.length >> 6));
    } else if (Array.isArray(value)) {
      if (value.length > listLimit) this.exhaust(`makes a list of more than ${listLimit} entries`);
      this.spend(1 + (value.length >> 6));
    } else this.spend(1);
  }

  spend(units: number): void {
    this.left -= units;
    if (this.left < 0) this.exhaust("takes too much work; make the expression simpler");
  }

  /** Nothing more is done: a loop that carries on after an error ends at once. */
  private exhaust(message: string): never {
    this.left = -1;
    throw new Error(message);
  }
}
