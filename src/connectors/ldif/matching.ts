import type { Matching } from "../../core/model/values.ts";

/** A file has no schema. Of attributes that everybody knows (RFC 4519, RFC 4524) the matching rule is, too; the others' values are texts as they stand. */
const known: ReadonlyMap<string, Matching> = new Map([
  ...["objectclass", "cn", "sn", "uid", "mail"].map((name) => [name, "caseIgnore"] as const),
  ...["member", "uniquemember", "manager", "secretary", "owner", "roleoccupant", "seealso"].map(
    (name) => [name, "distinguishedName"] as const,
  ),
]);

export function matchingOf(attribute: string): Matching {
  return known.get(attribute.toLowerCase()) ?? "caseExact";
}
