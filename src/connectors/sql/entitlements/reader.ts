import { hash } from "node:crypto";
import type { EntitlementRecord, EntitlementRef } from "../../../core/model/account.ts";
import type { Values } from "../../../core/model/values.ts";
import type { Call, Membership, Sighting } from "../../contract.ts";
import { StoreError } from "../../errors.ts";
import type { Database, Row } from "../database.ts";
import { column } from "../read.ts";
import { allRows } from "../rows.ts";
import { toText, toValues } from "../values.ts";
import { type EntitlementList, type EntitlementSource, fits, keyLiteral } from "./shape.ts";

/** Keys in one statement. */
const portion = 500;
const nobody = "0";

/** Reads who holds what. */
export class EntitlementReader {
  readonly #database: Database;
  readonly #shape: EntitlementSource;

  constructor(database: Database, shape: EntitlementSource) {
    this.#database = database;
    this.#shape = shape;
  }

  async *scan(call: Call): AsyncIterable<readonly Sighting[]> {
    const { list } = this.#shape;
    const versions = await this.#versions(undefined, call);
    if (!list) {
      yield [...versions].map(([key, version]) => ({ anchor: key, name: key, version }));
      return;
    }
    const select = `SELECT ${[column(list.id), column(list.name), ...list.version.read].join(", ")} FROM ${list.scanned ?? list.table} t`;
    for await (const rows of this.#database.stream(select, call)) {
      yield rows.map((row) => {
        const { anchor, name, version } = this.#record(list, row, versions);
        return { anchor, name, version };
      });
    }
  }

  async find(
    refs: readonly EntitlementRef[],
    call: Call,
  ): Promise<readonly (EntitlementRecord | undefined)[]> {
    const { list } = this.#shape;
    const found = list ? await this.#listed(list, refs, call) : refs.map((ref) => this.#unlisted(ref));
    const versions = await this.#versions([...new Set(found.flatMap((one) => one?.anchor ?? []))], call);
    return found.map(
      (one) => one && { ...one, version: `${one.version}${versions.get(one.anchor) ?? nobody}` },
    );
  }

  async *memberships(keys: readonly string[], call: Call): AsyncIterable<readonly Membership[]> {
    for (const condition of this.#conditions(keys)) yield* this.#stream(condition, call);
  }

  async *#stream(condition: string, call: Call): AsyncIterable<readonly Membership[]> {
    const { members, holder, owner } = this.#shape;
    const select = `SELECT m.e, m.a FROM (${members}) m${condition}`;
    for await (const rows of this.#database.stream(select, call)) {
      yield rows.map(([e, a]) => ({
        entitlement: this.#key(holder.codec.decode(e!)),
        member: owner.codec.decode(a!),
      }));
    }
  }

  /** For each entitlement a text that changes with its members, by key; those without members are left out. */
  async #versions(keys: readonly string[] | undefined, call: Call): Promise<ReadonlyMap<string, string>> {
    const { dialect } = this.#database;
    const conditions = keys ? this.#conditions(keys) : [""];
    const versions = new Map<string, string>();
    for (const condition of conditions) {
      if (dialect.membersVersion) {
        const select = `SELECT m.e, ${dialect.membersVersion("m.a")} FROM (${this.#shape.members}) m${condition} GROUP BY m.e`;
        for await (const rows of this.#database.stream(select, call))
          for (const [e, version] of rows)
            versions.set(this.#key(this.#shape.holder.codec.decode(e!)), String(version));
      } else {
        for (const [key, version] of await digests(this.#stream(condition, call))) versions.set(key, version);
      }
    }
    return versions;
  }

  *#conditions(keys: readonly string[]): Iterable<string> {
    for (let at = 0; at < keys.length; at += portion) {
      const literals = keys
        .slice(at, at + portion)
        .map((key) => keyLiteral(this.#database.dialect, this.#shape.holder, key));
      yield ` WHERE m.e IN (${literals.join(", ")})`;
    }
  }

  async #listed(
    list: EntitlementList,
    refs: readonly EntitlementRef[],
    call: Call,
  ): Promise<readonly (EntitlementRecord | undefined)[]> {
    const { dialect } = this.#database;
    const answers: EntitlementRecord[][] = refs.map(() => []);
    const columns = [...[list.id, list.name, ...list.attributes].map(column), ...list.version.read];
    const width = list.attributes.length;
    for (const by of ["Name", "Id"] as const) {
      const key = by === "Name" ? list.name : list.id;
      const asked = [...refs.keys()].filter(
        (index) => refs[index]!.by === by && fits(key, refs[index]!.name),
      );
      if (asked.length === 0) continue;
      const queries = dialect.lookUp({
        what: columns.join(", "),
        from: `${list.table} t`,
        columns: [key],
        rows: asked.map((index) => [key.codec.encode(refs[index]!.name)]),
        numbered: true,
      });
      const rows = await allRows(queries, (query) => this.#database.query(query, call));
      for (const [n, id, name, ...rest] of rows)
        answers[asked[Number(n) - 1]!]!.push({
          ...this.#record(list, [id!, name!, ...rest.slice(width)], undefined),
          attributes: this.#attributes(list, rest),
        });
    }
    return answers.map((found, index) => {
      if (found.length > 1)
        throw new StoreError("Invalid", `${found.length} entitlements are called ${refs[index]!.name}`);
      return found[0];
    });
  }

  #record(
    list: EntitlementList,
    [id, name, ...version]: Row,
    versions: ReadonlyMap<string, string> | undefined,
  ): EntitlementRecord {
    const { dialect } = this.#database;
    const anchor = toText(dialect, list.id, id!);
    const members = versions ? (versions.get(anchor) ?? nobody) : "";
    return {
      anchor,
      name: toText(dialect, list.name, name!),
      version: `${list.version.of(version)} ${members}`,
      attributes: {},
    };
  }

  #attributes(list: EntitlementList, cells: Row): Record<string, Values> {
    const values = list.attributes.map(
      (one, index) => [one.name, toValues(this.#database.dialect, one, cells[index]!)] as const,
    );
    return Object.fromEntries(values.filter(([, texts]) => texts.length > 0));
  }

  /** Without a list, every value that the column can hold is an entitlement. */
  #unlisted({ name, by }: EntitlementRef): EntitlementRecord | undefined {
    if (by === "DN" || !fits(this.#shape.holder, name)) return undefined;
    return { anchor: this.#key(name), name, version: "", attributes: {} };
  }

  /** What an entitlement is known by. */
  #key(text: string): string {
    return this.#shape.folds ? text.toLowerCase() : text;
  }
}

/** Counts members and adds up their hashes, in whatever order they come. */
async function digests(pages: AsyncIterable<readonly Membership[]>): Promise<ReadonlyMap<string, string>> {
  const sums = new Map<string, { count: number; high: number; low: number }>();
  for await (const page of pages) {
    for (const { entitlement, member } of page) {
      const sum = sums.get(entitlement) ?? { count: 0, high: 0, low: 0 };
      const bytes = hash("sha256", member, "buffer");
      sum.count++;
      sum.high = (sum.high + bytes.readInt32LE(0)) | 0;
      sum.low = (sum.low + bytes.readInt32LE(4)) | 0;
      sums.set(entitlement, sum);
    }
  }
  return new Map(Array.from(sums, ([key, { count, high, low }]) => [key, `${count}.${high}.${low}`]));
}
