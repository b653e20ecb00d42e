import { type Row, ValueError } from "../../formats/row.ts";
import type { StoreChange } from "../contract.ts";
import { StoreError, type StoreErrorKind } from "../errors.ts";
import type { Accounts } from "./accounts.ts";
import { anchorOf, heldBy, type Layout, nameOf, versionOf } from "./layout.ts";
import type { FileView, Placed } from "./snapshot.ts";
import type { Touched } from "./write-touched.ts";

type Change<K extends StoreChange["kind"]> = Extract<StoreChange, { kind: K }>;

/** The accounts that a batch touches, changed one change after the other; a change that is refused leaves them as they were. */
export class Draft {
  readonly #layout: Layout;
  readonly #entitlements: ReadonlySet<string>;
  readonly #newRows: FileView;
  /** By anchor. */
  readonly #accounts: Map<string, Touched>;
  /** Anchors by name. */
  readonly #names: Map<string, string>;

  constructor(accounts: Accounts, rows: readonly Placed[], newRows: FileView) {
    this.#layout = accounts.layout;
    this.#entitlements = new Set(accounts.entitlements.keys());
    this.#newRows = newRows;
    this.#accounts = new Map(
      rows.map(({ row, view }) => [anchorOf(row, this.#layout), { view, before: row, now: row }]),
    );
    this.#names = new Map(rows.map(({ row }) => [nameOf(row, this.#layout), anchorOf(row, this.#layout)]));
  }

  /** Makes the change. Returns the anchors of the accounts that it touched. Throws a `StoreError`. */
  apply(change: StoreChange): readonly string[] {
    switch (change.kind) {
      case "create":
        return [this.#create(change)];
      case "modify":
        return [this.#modify(change)];
      case "delete":
        return [this.#delete(change)];
      case "members":
        return this.#changeMembers(change);
    }
  }

  get(anchor: string): Touched | undefined {
    return this.#accounts.get(anchor);
  }

  touched(): Iterable<Touched> {
    return this.#accounts.values();
  }

  #create(change: Change<"create">): string {
    const layout = this.#layout;
    const values = this.#values(change.name, Object.entries(change.attributes));
    const [mapped = ""] = values.get(layout.name) ?? [];
    if (mapped !== "" && mapped !== change.name) {
      throw refused(
        "Invalid",
        change.name,
        `the mapped ${layout.name} is ${mapped}; map the name, or nothing`,
      );
    }
    values.set(layout.name, [change.name]);
    this.#setEnabled(values, change.enabled);
    const [anchor = ""] = values.get(layout.id) ?? [];
    if (change.name === "" || anchor === "")
      throw refused("Invalid", change.name, `it has no ${layout.id}; map that column`);
    this.#refuseTaken(change.name);
    if (this.#row(anchor) !== undefined)
      throw refused("Conflict", change.name, `another account has the ${layout.id} ${anchor}`);
    this.#put(anchor, change.name, values);
    return anchor;
  }

  #modify(change: Change<"modify">): string {
    const { name, id } = this.#layout;
    const row = this.#row(change.anchor);
    if (row === undefined) throw refused("NotFound", change.name, "it is not in the file");
    this.#checkExpected(change);
    const values = this.#values(
      change.name,
      change.attributes.map((delta) => [delta.name, delta.after] as const),
    );
    if (differs(values, row, id)) throw refused("Invalid", change.name, `its ${id} never changes`);
    if (differs(values, row, name))
      throw refused("Invalid", change.name, `${name} is its name; rename it instead`);
    if (change.rename !== undefined && change.rename !== nameOf(row, this.#layout)) {
      if (id === name) {
        throw refused(
          "Invalid",
          change.name,
          "its name is its id, and never changes; set `id` to another column",
        );
      }
      this.#refuseTaken(change.rename);
      values.set(name, [change.rename]);
    }
    if (change.enabled !== undefined) this.#setEnabled(values, change.enabled);
    this.#put(change.anchor, change.name, values);
    return change.anchor;
  }

  #delete(change: Change<"delete">): string {
    const touched = this.#accounts.get(change.anchor);
    if (touched?.now === undefined) return change.anchor;
    this.#checkExpected(change);
    this.#names.delete(nameOf(touched.now, this.#layout));
    this.#accounts.set(change.anchor, { ...touched, now: undefined });
    return change.anchor;
  }

  #changeMembers(change: Change<"members">): readonly string[] {
    const name = change.entitlement ?? change.name;
    const column = this.#layout.entitlements;
    if (column === undefined || !this.#entitlements.has(name)) {
      throw refused("NotFound", name, "there is no such entitlement; list it under entitlements.names");
    }
    const { separator } = column;
    if (separator !== undefined && (name.includes(separator) || name.trim() !== name))
      throw refused(
        "Invalid",
        name,
        `it cannot be told from others between "${separator}"; set another separator`,
      );
    const missing = change.add.find(({ anchor }) => this.#row(anchor) === undefined);
    if (missing !== undefined)
      throw refused("NotFound", missing.name, `it is not in the file, and cannot hold ${name}`);
    const edit = (anchor: string, edited: (held: ReadonlySet<string>) => ReadonlySet<string>) => {
      const row = this.#row(anchor);
      if (row === undefined) return;
      const held = heldBy(row, this.#layout);
      const after = [...edited(held)];
      if (after.length === held.size) return;
      const values = separator === undefined ? after : [after.join(separator)];
      this.#put(anchor, nameOf(row, this.#layout), new Map([[column.column, values]]));
    };
    for (const { anchor } of change.add) edit(anchor, (held) => held.union(new Set([name])));
    for (const { anchor } of change.remove) edit(anchor, (held) => held.difference(new Set([name])));
    return [...change.add, ...change.remove].map(({ anchor }) => anchor);
  }

  /** Gives the account's row these values, where they differ; everything else in it stays as it is. */
  #put(anchor: string, account: string, values: ReadonlyMap<string, readonly string[]>): void {
    const touched = this.#accounts.get(anchor) ?? { view: this.#newRows, before: undefined, now: undefined };
    const { view, now } = touched;
    const news = new Map([...values].filter(([column]) => now === undefined || differs(values, now, column)));
    if (now !== undefined && news.size === 0) return;
    const { sheet } = view;
    const span = { offset: 0, length: 0, ending: 0, line: now?.line ?? 0 };
    const row = sheet.row(sheet.encode(edited(account, () => sheet.edit(now, news))), span);
    const lost = [...news.keys()].find((column) => differs(news, row, column));
    if (lost !== undefined)
      throw refused(
        "Invalid",
        account,
        `${lost} would not be read as it was written; map it as the file has it`,
      );
    if (now !== undefined) this.#names.delete(nameOf(now, this.#layout));
    this.#names.set(nameOf(row, this.#layout), anchor);
    this.#accounts.set(anchor, { ...touched, now: row });
  }

  /** The columns that attributes are kept in, and their values as they are written there. */
  #values(
    account: string,
    attributes: Iterable<readonly [name: string, values: readonly string[]]>,
  ): Map<string, readonly string[]> {
    const { disabled, entitlements, forms } = this.#layout;
    const values = new Map<string, readonly string[]>();
    for (const [attribute, given] of attributes) {
      const column = this.#layout.columnOf(attribute);
      if (column === disabled?.column || column === entitlements?.column) {
        throw refused(
          "Invalid",
          account,
          `the column of ${attribute} is kept by the target's block; unmap it`,
        );
      }
      const form = forms.get(column);
      const written = given.map((value) => {
        const text = form === undefined ? value : form.write(value);
        if (text !== undefined) return text;
        throw refused("Invalid", account, `${attribute} is not ${form?.title}; map one`);
      });
      values.set(column, written);
    }
    return values;
  }

  #setEnabled(values: Map<string, readonly string[]>, enabled: boolean): void {
    const { disabled } = this.#layout;
    if (disabled !== undefined) values.set(disabled.column, [enabled ? disabled.enabled : disabled.disabled]);
  }

  #row(anchor: string): Row | undefined {
    return this.#accounts.get(anchor)?.now;
  }

  #refuseTaken(name: string): void {
    if (this.#names.has(name)) throw refused("Conflict", name, "another account has that name");
  }

  #checkExpected(change: { readonly anchor: string; readonly name: string; readonly expect?: string }): void {
    const read = this.#accounts.get(change.anchor)?.before;
    if (change.expect === undefined || (read && versionOf(read) === change.expect)) return;
    throw refused("Moved", change.name, "it is no longer what was read; it is read again");
  }
}

function differs(values: ReadonlyMap<string, readonly string[]>, row: Row, column: string): boolean {
  const given = values.get(column)?.filter((value) => value !== "");
  const there = row.values(column);
  return (
    given !== undefined && (given.length !== there.length || given.some((value, at) => value !== there[at]))
  );
}

/** Names the account in what a format refuses. */
function edited(account: string, edit: () => string): string {
  try {
    return edit();
  } catch (error) {
    if (error instanceof ValueError) throw refused("Invalid", account, `${error.column} ${error.message}`);
    throw error;
  }
}

function refused(kind: StoreErrorKind, name: string, cause: string): StoreError {
  return new StoreError(kind, `cannot change ${name}: ${cause}`);
}
