import fc from "fast-check";

/** One thing done to an object: at which of its members (counted round), what, and with what. */
export interface Blow {
  readonly at: number;
  readonly how: "Delete" | "Repeat" | "Add" | "Replace";
  readonly by: unknown;
}

/**
 * What fields are replaced by. No null: an optional field of null is as if it was left out for the API server, and a mistake for a
 * person who writes a file.
 */
const values: readonly unknown[] = [
  ...["", "x", "A B", "ü", "a\nb", "line\n", "😀".repeat(600), "x".repeat(300), "x".repeat(5000)],
  ...["2026-13-45", "2026-01-01T10:00:00+01:00", "10m", "1h30m", "1d", "Name"],
  ...[0, -1, 1.5, 7, 100, 2 ** 60, true, [], {}, ["a", "a"], [{}], { name: "a" }],
  ...[[{ name: "a" }, { name: "a" }], { "": "x" }, { a: { value: "b" } }, { a: ["x"] }],
];

export const blows: fc.Arbitrary<Blow[]> = fc.array(
  fc.record({
    at: fc.nat(10_000),
    how: fc.constantFrom("Delete", "Repeat", "Add", "Replace", "Replace"),
    by: fc.constantFrom(...values),
  }),
  { minLength: 1, maxLength: 2 },
);

/** A copy of the object after these. */
export function mangled<T extends object>(object: T, all: readonly Blow[]): T {
  const copy = structuredClone(object);
  for (const { at, how, by } of all) {
    const places = membersOf(copy);
    const place = places[at % Math.max(1, places.length)];
    if (!place) continue;
    const { holder, key } = place;
    const member = holder[key];
    if (how === "Delete" && !Array.isArray(holder)) delete holder[key];
    else if (how === "Repeat" && Array.isArray(member)) holder[key] = [...member, ...member];
    else if (how === "Add" && isHolder(member)) member.strange = "x";
    else holder[key] = structuredClone(by);
  }
  return copy;
}

type Holder = Record<string, unknown>;

function membersOf(holder: unknown): { readonly holder: Holder; readonly key: string }[] {
  if (holder === null || typeof holder !== "object") return [];
  return Object.entries(holder).flatMap(([key, member]) => [
    { holder: holder as Holder, key },
    ...membersOf(member),
  ]);
}

function isHolder(value: unknown): value is Holder {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
