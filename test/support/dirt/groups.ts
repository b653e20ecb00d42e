import { escapeNameValue } from "../../../src/core/model/distinguished-name.ts";
import { type DirtyEntry, type DirtyPerson, drawing } from "./entry.ts";

export interface DirtyGroups {
  readonly groups: readonly DirtyEntry[];
  /** Memberships of what is no account that the Target sees, and of groups. */
  readonly unknownMembers: number;
  readonly nestedGroups: number;
  /** Memberships of accounts that are imported and linked. */
  readonly memberships: number;
}

const oddNames = ["R&D", "R+D", "staff, old", "Ünïcödé", " x ", "#all", "a=b"];

/** Groups of people: huge, odd, nested, with members that are long gone, and in every spelling. `filler` stands in them here and there. */
export function dirtyGroups(
  people: readonly DirtyPerson[],
  { base, gone, filler }: { readonly base: string; readonly gone: string; readonly filler: string },
  seed = 2,
): DirtyGroups {
  const draw = drawing(seed);
  const count = { unknownMembers: 0, nestedGroups: 0, memberships: 0 };
  const group = (name: string, size: number, more: readonly string[] = [], at = base): DirtyEntry => {
    const start = draw(people.length);
    const some = Array.from({ length: size }, (_, index) => people[(start + index * 7) % people.length]!);
    const holders = [...new Set(some)];
    count.unknownMembers += holders.filter(({ fate }) => fate === "Unseen").length;
    count.memberships += holders.filter(({ fate }) => fate === "Linked").length;
    const dangling = Array.from({ length: Math.ceil(size / 50) }, (_, index) => `uid=left${index},${gone}`);
    count.unknownMembers += dangling.length;
    const member = [...holders.map(({ dn }, index) => spelled(dn, index)), ...dangling, ...more];
    return {
      dn: `cn=${escapeNameValue(name)},${at}`,
      attributes: { objectClass: ["groupOfNames"], cn: [name], member },
    };
  };
  const huge = Math.round(people.length * 0.6);
  const plain = Array.from({ length: 100 }, (_, index) => group(`group ${index}`, 3 + draw(60)));
  const parents = plain.slice(0, 10).map(({ dn }, index) => {
    count.nestedGroups++;
    return group(`parent ${index}`, 4, [dn.toUpperCase()]);
  });
  const groups = [
    ...["everyone", "everyone-old", "Everyone (2)"].map((name) => group(name, huge)),
    ...plain,
    ...parents,
    ...oddNames.map((name) => group(name, 5)),
    ...["ou=a", "ou=b"].map((ou) => group("twice", 4, [], `${ou},${base}`)),
    ...[1, 2].map((index) => group(`filled ${index}`, 2, [filler])),
    ...[1, 2, 3].map((index) => group(`only the gone ${index}`, 0, [`uid=x${index},${gone}`])),
    group("nobody", 0, [filler]),
  ];
  count.unknownMembers += 3;
  return { groups, ...count };
}

/** As different tools wrote it: with spaces after commas, in capitals, the types at least. */
function spelled(dn: string, index: number): string {
  if (index % 5 === 1 && !dn.includes("\\")) return dn.toUpperCase();
  if (index % 5 === 2) return dn.replace(/^uid=/, "UID=");
  return dn;
}
