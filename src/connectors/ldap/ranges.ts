import type { Call } from "../contract.ts";
import { StoreError } from "../errors.ts";
import type { LdapEntry } from "./wire.ts";

/** Reads one entry by its name, with these attributes. */
export type ReadEntry = (
  dn: string,
  attributes: readonly string[],
  call: Call,
) => Promise<LdapEntry | undefined>;

const attempts = 5;

/**
 * The entry with all values of attributes of which the server has sent a part: Active Directory sends 1,500 at a time and calls them
 * `member;range=0-1499` ([MS-ADTS] 3.1.1.3.1.3.3), beside which plain `member` looks empty. Parts are counted by place, so that a value could be
 * missed when others come or go meanwhile: what else was asked for (a version, say) has to be the same with the last part, or all is read again.
 */
export async function withAllValues(
  entry: LdapEntry,
  asked: readonly string[],
  read: ReadEntry,
  call: Call,
): Promise<LdapEntry> {
  let first = entry;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const names = [...first.attributes.keys()].filter((key) => rangeOf(key) !== undefined);
    if (names.length === 0) return first;
    const whole = await readParts(first, names, asked, read, call);
    if (whole !== undefined) return whole;
    const again = await read(entry.dn, asked, call);
    if (again === undefined) break;
    first = again;
  }
  throw new StoreError("Retryable", `cannot read ${entry.dn} in full: it changes while it is read`);
}

export function hasParts(entry: LdapEntry): boolean {
  for (const key of entry.attributes.keys()) if (key.includes(";range=")) return true;
  return false;
}

/** Undefined when the entry changed meanwhile. */
async function readParts(
  first: LdapEntry,
  names: readonly string[],
  asked: readonly string[],
  read: ReadEntry,
  call: Call,
): Promise<LdapEntry | undefined> {
  const attributes = new Map(first.attributes);
  const others = asked.filter((name) => !names.some((part) => rangeOf(part)!.name === name.toLowerCase()));
  for (const part of names) {
    const { name, next } = rangeOf(part)!;
    const values = [...first.attributes.get(part)!];
    for (let start = next; start !== undefined; ) {
      const more = await read(first.dn, [...others, `${name};range=${start}-*`], call);
      const key = [...(more?.attributes.keys() ?? [])].find((one) => startsAt(one, name, start!));
      if (more === undefined || key === undefined || !sameOthers(first, more, others)) return undefined;
      values.push(...more.attributes.get(key)!);
      start = rangeOf(key)!.next;
    }
    attributes.delete(part);
    attributes.set(name, values);
  }
  return { dn: first.dn, attributes };
}

interface Range {
  readonly name: string;
  readonly start: number;
  /** Where the next part starts: undefined after the last. */
  readonly next: number | undefined;
}

/** The part of an attribute's values that a key holds. */
function rangeOf(key: string): Range | undefined {
  const [, name, first, last] = /^(.+?);range=(\d+)-(\d+|\*)$/i.exec(key) ?? [];
  if (name === undefined) return undefined;
  return {
    name: name.toLowerCase(),
    start: Number(first),
    next: last === "*" ? undefined : Number(last) + 1,
  };
}

function startsAt(key: string, name: string, start: number): boolean {
  const range = rangeOf(key);
  return range?.name === name && range.start === start;
}

function sameOthers(one: LdapEntry, other: LdapEntry, names: readonly string[]): boolean {
  return names.every((name) => {
    const [a, b] = [one, other].map((entry) => entry.attributes.get(name.toLowerCase()) ?? []);
    return a!.length === b!.length && a!.every((value, at) => value.equals(b![at]!));
  });
}
