import type { Company } from "./company.ts";

/** One scene of the demo: what it shows, and what is done for it, step by step. */
export interface Act {
  readonly title: string;
  /** What somebody who watches should know before. */
  readonly says: string;
  readonly steps: readonly Step[];
}

/**
 * A command as a user would type it, somebody's hand in a manifest or a store, or something that must be true now. The demo fails
 * where a command does not end and print as its step says, and where a check does not hold.
 */
export type Step =
  | {
      /** `HASH` stands for what the last output offered to apply or to approve, one after the other. */
      readonly run: string;
      readonly exits: number;
      readonly shows?: readonly (string | RegExp)[];
      /** Lines of a long output to print before only its outline is. */
      readonly head?: number;
    }
  | { readonly edit: string; readonly of: string; readonly from: string; readonly to: string }
  | { readonly sql: string }
  | { readonly hand: string; readonly does: (company: Company) => void | Promise<void> }
  | { readonly check: string; readonly holds: (company: Company) => boolean | Promise<boolean> };
