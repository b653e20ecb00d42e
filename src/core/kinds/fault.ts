/** A problem of an object that is at hand. */
export interface Fault {
  /** Below `spec`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly severity?: "Warning";
}
