import { normaliseName } from "../../core/model/distinguished-name.ts";
import { normalise } from "../../core/model/matching.ts";
import { sameDescription } from "../../formats/ldif/lines.ts";
import type { LdifRow } from "../../formats/ldif/row.ts";
import type { Row } from "../../formats/row.ts";
import { keyIn } from "../files/layout.ts";
import { type GroupShape, groupShape } from "../ldap/shape.ts";
import type { HeldAttribute, LdifTargetBlock } from "./blocks.ts";
import { matchingOf } from "./matching.ts";

/** What the entries of a file are to one target. */
export class Shape {
  readonly id: string | undefined;
  readonly groups: GroupShape | undefined;
  readonly held: HeldAttribute | undefined;
  readonly state: NonNullable<LdifTargetBlock["disable"]>["attribute"] | undefined;
  readonly objectClass: string;
  readonly #bases: readonly string[];
  readonly #groupsBase: string | undefined;

  constructor({ bases, objectClass, id, disable, groups, entitlements }: LdifTargetBlock) {
    this.id = id;
    this.objectClass = objectClass;
    this.state = disable?.attribute;
    this.groups = groups && groupShape(groups);
    this.held = entitlements;
    this.#bases = bases.map(normaliseName);
    this.#groupsBase = groups && normaliseName(groups.base);
  }

  /** The entry's name in its one form. */
  nameOf(row: Row): string {
    return (row as LdifRow).name;
  }

  isAccount(row: Row): boolean {
    if (!hasClass(row, this.objectClass)) return false;
    const name = this.nameOf(row);
    return this.#bases.length === 0 || this.#bases.some((base) => isBelow(name, base));
  }

  isGroup(row: Row): boolean {
    if (this.groups === undefined || !hasClass(row, this.groups.objectClass)) return false;
    return isBelow(this.nameOf(row), this.#groupsBase!);
  }

  /** What an account is known by. Empty where the attribute is missing. Throws `FormatError` where it has several values. */
  anchorOf(row: Row): string {
    return this.id === undefined ? this.nameOf(row) : keyIn(row, this.id);
  }

  isEnabled(row: Row): boolean | undefined {
    if (this.state === undefined) return undefined;
    const { name, disabled } = this.state;
    const form = (value: string) => normalise(matchingOf(name), value);
    return !row.values(name).some((value) => form(value) === form(disabled));
  }
}

function hasClass(row: Row, objectClass: string): boolean {
  for (const one of row.values("objectClass")) if (sameDescription(one, objectClass)) return true;
  return false;
}

/** Of names in their one form: whether the first is the second or lies below it. */
export function isBelow(name: string, base: string): boolean {
  if (base === "" || name === base) return true;
  let at = name.length - base.length - 1;
  if (!name.endsWith(base) || name[at] !== ",") return false;
  // A comma behind an odd number of backslashes is part of a value.
  let escapes = 0;
  while (name[--at] === "\\") escapes++;
  return escapes % 2 === 0;
}
