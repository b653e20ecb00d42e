import type { Attributes } from "../model/values.ts";
import type { IdentityValue } from "./identity-value.ts";
import type { Meter } from "./meter.ts";

/**
 * What an expression is evaluated with. The callbacks answer from what is known already; an expression that comes to
 * evaluate itself by way of them is an error.
 */
export interface EvaluationContext {
  readonly identity: IdentityValue;
  /** The other variables, where the expression is about more than the identity. */
  readonly beside?: Readonly<Record<string, unknown>>;
  /** This identity's account in another target; undefined while there is none. */
  readonly account?: (target: string) => AccountView | undefined;
  /** The name that the account of another identity has, or will have, in this target; null where it is to have none. */
  readonly accountOf?: (identity: string) => string | null | { readonly held: string };
  /** Whether another account has this value already. */
  readonly isTaken?: (candidate: string) => boolean;
  /** What `unique()` chose when the account was created. */
  readonly decided?: string;
}

export interface AccountView {
  readonly name: string;
  readonly anchor?: string;
  readonly attributes: Attributes;
}

/** What the CEL library is handed: the variables of expressions, and beside them what its functions need. */
export interface Frame {
  readonly identity: IdentityValue;
  readonly context: EvaluationContext;
  readonly meter: Meter;
  /** What `unique()` chose. */
  decided: string | undefined;
}

/** Evaluation cannot go on: an account is not there yet (`pending`), or nothing is known of it. */
export class Unresolved extends Error {
  override readonly name = "Unresolved";
  /** The target whose account is awaited. */
  readonly pending: string | undefined;

  constructor(message: string, pending?: string) {
    super(message);
    this.pending = pending;
  }
}

/** What `clear()` gives: the attribute is to be emptied. */
export class Clear {
  readonly clear = true;
}
