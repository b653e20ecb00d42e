import { StoreError } from "../errors.ts";
import type { LdapEntry } from "./wire.ts";

/** An attribute's values as texts. */
export function texts(entry: LdapEntry, attribute: string): string[] {
  return (entry.attributes.get(attribute.toLowerCase()) ?? []).map((value) => value.toString());
}

/** The error for what has to be readable and is not: it must not look absent. */
export function denied(action: string, what: string): StoreError {
  return new StoreError("Denied", `cannot ${action}: ${what} cannot be read; give the bind DN the right to`);
}
