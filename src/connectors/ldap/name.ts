import { type DistinguishedName, parseName } from "../../core/model/distinguished-name.ts";
import { StoreError } from "../errors.ts";

/** A name with at least one step. Throws `Invalid`. */
export function readName(text: string): DistinguishedName {
  let name: DistinguishedName;
  try {
    name = parseName(text);
  } catch (error) {
    throw new StoreError("Invalid", (error as Error).message);
  }
  if (name.length === 0)
    throw new StoreError("Invalid", "cannot use an empty name; give a distinguished name");
  if (name.some((step) => step.some((pair) => pair.value.includes("\0"))))
    throw new StoreError("Invalid", `cannot use the name ${text}: it has a NUL character; remove it`);
  return name;
}
