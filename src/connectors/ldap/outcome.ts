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
  if (now !== undefined)
    return {
      id: change.id,
      ok: true,
      ...told(server, now, change.kind === "create" ? undefined : change.anchor),
    };
  if (change.kind !== "create") return { id: change.id, ok: true, anchor: change.anchor, name };
  const error = new StoreError(
    "InDoubt",
    `created ${name}, and cannot read its ${server.dialect.anchor.attribute}; give the bind DN the right to`,
  );
  return { id: change.id, ok: false, error };
}

/**
 * What a server told of an entry together with a change of it. Throws `Conflict` where that is another than the one of the anchor: it
 * took the name after it was looked at, on a server that cannot check an assertion.
 */
export function told({ dialect }: Server, now: LdapEntry, expected: string | undefined) {
  const { anchor, name, version } = sighting(dialect, now);
  if (expected !== undefined && anchor.toLowerCase() !== expected.toLowerCase()) {
    const cause = "another entry took that name in the very moment; look at what was changed there";
    throw new StoreError("Conflict", `changed the wrong entry, ${name}: ${cause}`);
  }
  const isFirm = dialect.version.isFirm?.(version) ?? true;
  return { anchor, name, ...(isFirm && { version }) };
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
