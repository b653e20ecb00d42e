import type { AccountRecord, EntitlementRecord } from "../../core/model/account.ts";
import { type LdifRow, nameColumn } from "../../formats/ldif/row.ts";
import type { Row } from "../../formats/row.ts";
import type { Sighting } from "../contract.ts";
import { versionOf } from "../files/layout.ts";
import type { GroupShape } from "../ldap/shape.ts";
import type { Shape } from "./shape.ts";

export function toRecord(row: Row, shape: Shape, attributes: readonly string[]): AccountRecord {
  return {
    anchor: shape.anchorOf(row),
    name: dnOf(row),
    version: versionOf(row),
    enabled: shape.isEnabled(row),
    attributes: shown(row, attributes),
  };
}

export function accountSighting(row: Row, shape: Shape): Sighting {
  return { anchor: shape.anchorOf(row), version: versionOf(row), name: dnOf(row) };
}

/** A group is known by its name, in its one form. */
export function groupSighting(row: Row, shape: Shape): Sighting {
  return { anchor: shape.nameOf(row), version: versionOf(row), name: dnOf(row) };
}

/** What a group says of itself, its members left out, who can be 100,000. */
export function groupRecord(row: Row, shape: Shape, groups: GroupShape): EntitlementRecord {
  const columns = (row as LdifRow)
    .descriptions()
    .filter((column) => column.toLowerCase() !== groups.memberAttribute.toLowerCase());
  return { ...groupSighting(row, shape), attributes: shown(row, columns) };
}

function shown(row: Row, attributes: readonly string[]): Record<string, readonly string[]> {
  const values = attributes.map((name) => [name, row.values(name)] as const);
  return Object.fromEntries(values.filter(([, own]) => own.length > 0));
}

function dnOf(row: Row): string {
  return row.values(nameColumn)[0]!;
}
