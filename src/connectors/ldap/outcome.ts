import type { Outcome } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { sighting } from "./dialect.ts";
import type { Server } from "./server.ts";
import type { LdapEntry } from "./wire.ts";
import type { Writing } from "./write.ts";

/** Made, and the entry still has to be read to tell the outcome. */
export interface Unread {
  readonly unread: Writing;
}

/** The outcome of a change that was made, told by the entry as it was right after, where that is known. */
export function success(server: Server, { change, name }: Writing, now: LdapEntry | undefined): Outcome {
  if (now !== undefined) {
    const { anchor, version } = sighting(server.dialect, now);
    const isFirm = server.dialect.version.isFirm?.(version) ?? true;
    return { id: change.id, ok: true, anchor, name: now.dn, ...(isFirm && { version }) };
  }
  if (change.kind !== "create") return { id: change.id, ok: true, anchor: change.anchor, name };
  const error = new StoreError(
    "InDoubt",
    `created ${name}, and cannot read its ${server.dialect.anchor.attribute}; give the bind DN the right to`,
  );
  return { id: change.id, ok: false, error };
}

export function withoutVersion(outcome: Outcome): Outcome {
  if (!outcome.ok) return outcome;
  const { version: _, ...rest } = outcome;
  return rest;
}

export function refusal(id: number, error: unknown): Outcome {
  if (error instanceof StoreError) return { id, ok: false, error };
  throw error;
}
