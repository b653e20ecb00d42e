import {
  type DistinguishedName,
  formatName,
  type NameValue,
  parseName,
} from "../../core/model/distinguished-name.ts";
import { normalise } from "../../core/model/matching.ts";
import { nameColumn } from "../../formats/ldif/row.ts";
import type { Row } from "../../formats/row.ts";
import type { Given } from "./entries.ts";
import { matchingOf } from "./matching.ts";

/** The attributes that change when an entry gets this name: its own values, as they will be, come by `given`. */
export function renaming(row: Row, to: string, deleteOld: boolean, given: Given = new Map()): Given {
  const values = new Map([...given, [nameColumn, [to]]]);
  const valuesOf = (type: string) => {
    const column = columnOf(values, type);
    return { column, own: values.get(column) ?? row.values(type) };
  };
  const [now, then] = [firstStep(row.values(nameColumn)[0]!), firstStep(to)];
  for (const pair of deleteOld ? now : []) {
    if (then.some((other) => isSame(pair.type, other.value, pair.value) && isType(pair, other))) continue;
    const { column, own } = valuesOf(pair.type);
    values.set(
      column,
      own.filter((value) => !isSame(pair.type, value, pair.value)),
    );
  }
  for (const pair of then) {
    const { column, own } = valuesOf(pair.type);
    if (!own.some((value) => isSame(pair.type, value, pair.value))) values.set(column, [...own, pair.value]);
  }
  return values;
}

/** The old naming value goes when the new one takes its place: not when it is of another attribute, or wanted still. */
export function dropsOldNaming(from: string, to: string, given: Given): boolean {
  const then = firstStep(to);
  return firstStep(from).every((pair) => {
    const wanted = given.get(columnOf(given, pair.type)) ?? [];
    const keeps = wanted.length > 1 && wanted.some((value) => isSame(pair.type, value, pair.value));
    return !keeps && then.some((other) => isType(pair, other));
  });
}

/** An entry holds the values that it is named by (RFC 4512 §2.3.1). */
export function withNaming(dn: string, given: Given, row?: Row): Given {
  const values = new Map(given);
  for (const { type, value } of firstStep(dn)) {
    const column = columnOf(values, type);
    const own = values.get(column) ?? row?.values(type) ?? [];
    if (!own.some((other) => isSame(type, other, value))) values.set(column, [...own, value]);
  }
  return values;
}

/** The name of an entry after a rename as LDIF has it. Throws an Error for what is no name. */
export function nameAfter(dn: string, newRdn: string, newSuperior?: string): string {
  const parent: DistinguishedName =
    newSuperior === undefined ? parseName(dn).slice(1) : parseName(newSuperior);
  return formatName([...parseName(newRdn), ...parent]);
}

function firstStep(dn: string): readonly NameValue[] {
  return (parseName(dn)[0] ?? []).filter(({ encoded }) => !encoded);
}

/** How the attribute is spelt among these, if it is there. */
function columnOf(values: Given, type: string): string {
  const key = type.toLowerCase();
  return values.keys().find((column) => column.toLowerCase() === key) ?? type;
}

function isType(a: NameValue, b: NameValue): boolean {
  return a.type.toLowerCase() === b.type.toLowerCase();
}

function isSame(attribute: string, a: string, b: string): boolean {
  const matching = matchingOf(attribute);
  return normalise(matching, a) === normalise(matching, b);
}
