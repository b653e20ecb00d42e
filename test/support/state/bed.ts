/** Where a suite keeps its states. */
export interface Bed {
  /** A place where there is no state yet. */
  freshPlace(): Promise<string>;
  /** Random sequences of calls to try. */
  readonly sequences: number;
}
