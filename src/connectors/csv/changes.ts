import type { Outcome, StoreChange } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { type Accounts, columnOf, heldBy, holders, type Layout, versionOf } from "./accounts.ts";
import { encodable } from "./file.ts";
import type { Row, Table } from "./table.ts";

type Change<K extends StoreChange["kind"]> = Extract<StoreChange, { kind: K }>;

/** What a batch makes of a table. Outcomes tell of the rows as they are after the whole batch. */
export interface Applied {
  readonly table: Table;
  readonly outcomes: readonly Outcome[];
  readonly changed: boolean;
}

export function applyChanges(accounts: Accounts, changes: readonly StoreChange[], encoding: string): Applied {
  const draft = new Draft(accounts, encoding);
  const made = changes.map((change) => {
    try {
      return { change, anchor: draft.apply(change) };
    } catch (error) {
      if (error instanceof StoreError) return { change, error };
      throw error;
    }
  });
  const outcomes = made.map(({ change, anchor, error }): Outcome => {
    if (error !== undefined) return { id: change.id, ok: false, error };
    return { id: change.id, ok: true, ...draft.whatIs(anchor, change.name) };
  });
  return { table: draft.table(), outcomes, changed: draft.changed };
}

/** A table being changed, one change after the other; a change that is refused leaves it as it was. */
class Draft {
  changed = false;
  #accounts: Accounts;
  #layout: Layout;
  #encoding: string;
  #rows: Map<string, Row>;
  #anchors: Map<string, string>;
  #entitlements: ReadonlySet<string>;

  constructor(accounts: Accounts, encoding: string) {
    this.#accounts = accounts;
    this.#layout = accounts.layout;
    this.#encoding = encoding;
    this.#rows = new Map(accounts.byAnchor);
    this.#anchors = new Map([...accounts.byName].map(([name, row]) => [name, row.cells[this.#layout.id]!]));
    this.#entitlements = new Set(holders(accounts).keys());
  }

  table(): Table {
    return { ...this.#accounts.table, rows: [...this.#rows.values()] };
  }

  /** Makes the change, and returns its object's anchor. */
  apply(change: StoreChange): string {
    switch (change.kind) {
      case "create":
        return this.#create(change);
      case "modify":
        return this.#modify(change);
      case "delete":
        return this.#delete(change);
      case "members":
        return this.#changeMembers(change);
    }
  }

  whatIs(anchor: string, name: string): { anchor: string; name: string; version?: string } {
    const row = this.#rows.get(anchor);
    if (row === undefined) return { anchor, name };
    return { anchor, name: row.cells[this.#layout.key]!, version: versionOf(row, this.#layout) };
  }

  #create(change: Change<"create">): string {
    const { key, id, disabled, block } = this.#layout;
    const cells = this.#layout.header.map(() => "");
    for (const [attribute, values] of Object.entries(change.attributes)) {
      this.#set(cells, change.name, attribute, values);
    }
    if ((cells[key] ?? "") !== "" && cells[key] !== change.name) {
      throw refuse(
        "Invalid",
        change.name,
        `the mapped ${block.key} is ${cells[key]}; map the name, or nothing`,
      );
    }
    cells[key] = this.#text(change.name, block.key, change.name);
    if (disabled !== undefined)
      cells[disabled] = change.enabled ? block.disabled!.enabled : block.disabled!.disabled;
    const anchor = cells[id] ?? "";
    if (change.name === "" || anchor === "") {
      throw refuse("Invalid", change.name, `it has no ${block.id ?? block.key}; map that column`);
    }
    if (this.#anchors.has(change.name))
      throw refuse("Conflict", change.name, "another account has that name");
    if (this.#rows.has(anchor))
      throw refuse("Conflict", change.name, `another account has the ${block.id} ${anchor}`);
    this.#put(anchor, cells);
    return anchor;
  }

  #modify(change: Change<"modify">): string {
    const { key, id, disabled, block } = this.#layout;
    const row = this.#rows.get(change.anchor);
    if (row === undefined) throw refuse("NotFound", change.name, "it is not in the file");
    this.#checkExpected(change);
    const cells = [...row.cells];
    for (const delta of change.attributes) this.#set(cells, change.name, delta.name, delta.after);
    if (cells[id] !== row.cells[id])
      throw refuse("Invalid", change.name, `its ${block.id ?? block.key} never changes`);
    if (cells[key] !== row.cells[key])
      throw refuse("Invalid", change.name, `${block.key} is its name; rename it instead`);
    if (change.rename !== undefined && change.rename !== row.cells[key]) {
      if (id === key)
        throw refuse(
          "Invalid",
          change.name,
          "its name is its id, and never changes; set `id` to another column",
        );
      if (this.#anchors.has(change.rename))
        throw refuse("Conflict", change.rename, "another account has that name");
      cells[key] = this.#text(change.name, block.key, change.rename);
    }
    if (change.enabled !== undefined && disabled !== undefined) {
      cells[disabled] = change.enabled ? block.disabled!.enabled : block.disabled!.disabled;
    }
    this.#put(change.anchor, cells);
    return change.anchor;
  }

  #delete(change: Change<"delete">): string {
    const row = this.#rows.get(change.anchor);
    if (row === undefined) return change.anchor;
    this.#checkExpected(change);
    this.#rows.delete(change.anchor);
    this.#anchors.delete(row.cells[this.#layout.key]!);
    this.changed = true;
    return change.anchor;
  }

  #changeMembers(change: Change<"members">): string {
    const name = change.entitlement ?? change.name;
    const { entitlements, block } = this.#layout;
    if (entitlements === undefined || !this.#entitlements.has(name)) {
      throw refuse("NotFound", name, "there is no such entitlement; list it under entitlements.names");
    }
    const missing = change.add.find((member) => !this.#rows.has(member.anchor));
    if (missing !== undefined)
      throw refuse("NotFound", missing.name, `it is not in the file, and cannot hold ${name}`);
    const edit = (anchor: string, held: (before: ReadonlySet<string>) => ReadonlySet<string>) => {
      const row = this.#rows.get(anchor);
      if (row === undefined) return;
      const before = heldBy(row, this.#layout);
      const after = held(before);
      if (after.size === before.size) return;
      this.#put(anchor, row.cells.with(entitlements, [...after].join(block.entitlements!.separator)));
    };
    for (const { anchor } of change.add) edit(anchor, (before) => before.union(new Set([name])));
    for (const { anchor } of change.remove) edit(anchor, (before) => before.difference(new Set([name])));
    return name;
  }

  #put(anchor: string, cells: readonly string[]): void {
    const before = this.#rows.get(anchor);
    if (before?.cells.every((cell, at) => cell === cells[at])) return;
    if (before !== undefined) this.#anchors.delete(before.cells[this.#layout.key]!);
    this.#anchors.set(cells[this.#layout.key]!, anchor);
    this.#rows.set(anchor, { cells, raw: undefined, line: before?.line ?? 0 });
    this.changed = true;
  }

  #set(cells: string[], account: string, attribute: string, values: readonly string[]): void {
    const column = this.#layout.header.indexOf(columnOf(this.#layout.block, attribute));
    if (column < 0)
      throw refuse(
        "Invalid",
        account,
        `there is no column for ${attribute}; add it to the file, or unmap it`,
      );
    if (column === this.#layout.disabled || column === this.#layout.entitlements) {
      throw refuse("Invalid", account, `the column of ${attribute} is kept by the csv block; unmap it`);
    }
    if (values.length > 1) throw refuse("Invalid", account, `${attribute} takes one value; map one`);
    cells[column] = this.#text(account, attribute, values[0] ?? "");
  }

  #text(account: string, attribute: string, value: string): string {
    if (value.includes("\0")) throw refuse("Invalid", account, `${attribute} has a NUL; take it out`);
    if (encodable(value, this.#encoding)) return value;
    throw refuse("Invalid", account, `${attribute} has characters that ${this.#encoding} has not; use utf-8`);
  }

  #checkExpected(change: { readonly anchor: string; readonly name: string; readonly expect?: string }): void {
    const read = this.#accounts.byAnchor.get(change.anchor);
    if (change.expect === undefined || (read && versionOf(read, this.#layout) === change.expect)) return;
    throw refuse("Moved", change.name, "it is no longer what was read; it is read again");
  }
}

function refuse(kind: ConstructorParameters<typeof StoreError>[0], name: string, cause: string): StoreError {
  return new StoreError(kind, `cannot change ${name}: ${cause}`);
}
