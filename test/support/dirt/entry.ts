import type { Doubt, Omission } from "../../../src/core/import/remark.ts";

/** Bytes, where a value is no UTF-8. */
export type DirtyValue = string | Buffer;

/** An entry as years of people and scripts have left it. */
export interface DirtyEntry {
  readonly dn: string;
  readonly attributes: Readonly<Record<string, readonly DirtyValue[]>>;
}

export interface DirtyPerson extends DirtyEntry {
  /** What an import makes of it. Unseen: the Target's filter leaves it out. */
  readonly fate: "Linked" | "Inactive" | "Unseen" | Omission;
  /** What it has to say of it beside. */
  readonly doubt?: Doubt;
}

/** Numbers that look drawn and are the same each time (mulberry32). */
export function drawing(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** LDIF (RFC 2849), everything that is not plain in base64. */
export function ldifOf(entries: readonly DirtyEntry[]): string {
  return entries
    .map(({ dn, attributes }) =>
      [
        line("dn", dn),
        ...Object.entries(attributes).flatMap(([name, values]) => values.map((value) => line(name, value))),
      ].join("\n"),
    )
    .join("\n\n")
    .concat("\n");
}

function line(name: string, value: DirtyValue): string {
  const isPlain = typeof value === "string" && /^[!-9;=-~](?:[ -~]*[!-~])?$/.test(value);
  return isPlain ? `${name}: ${value}` : `${name}:: ${Buffer.from(value).toString("base64")}`;
}
