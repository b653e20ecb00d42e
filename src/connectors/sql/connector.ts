import type { AccountRecord, EntitlementRecord, EntitlementRef } from "../../core/model/account.ts";
import type { StoreSchema } from "../../core/model/values.ts";
import type {
  Call,
  Capabilities,
  CheckReport,
  Connector,
  FindQuestion,
  Membership,
  Outcome,
  Sighting,
  StoreChange,
  TargetOptions,
} from "../contract.ts";
import { StoreError } from "../errors.ts";
import type { Database } from "./database.ts";
import { storeSchema } from "./describe.ts";
import { type EntitlementShape, readEntitlementShape } from "./entitlement-shape.ts";
import { EntitlementWriter } from "./entitlement-writer.ts";
import { EntitlementReader } from "./entitlements.ts";
import { explain, explaining } from "./errors.ts";
import { AccountReader } from "./read.ts";
import type { SqlTarget } from "./schema.ts";
import { findColumn, readShape, type Shape } from "./shape.ts";
import { StatementWriter } from "./statement-writer.ts";
import { parseStatement } from "./statements.ts";
import { TableWriter } from "./table-writer.ts";
import { applyBatch, type Writers } from "./write.ts";

/** What the database said of the tables, and the parts that work on them. */
interface Parts {
  readonly shape: Shape;
  readonly entitlementShape: EntitlementShape | undefined;
  readonly accounts: AccountReader;
  readonly entitlements: EntitlementReader | undefined;
  readonly writers: Writers;
}

/** One target's accounts in a database. */
export class SqlConnector implements Connector {
  readonly capabilities: Capabilities;
  readonly place: string;
  readonly #database: Database;
  readonly #options: TargetOptions<SqlTarget>;
  #parts: Promise<Parts> | undefined;

  constructor(database: Database, options: TargetOptions<SqlTarget>) {
    this.#database = database;
    this.#options = options;
    this.capabilities = capabilities(options.block);
    const { table, statements } = options.block;
    this.place = table ? `table ${table.name}` : `statement ${statements?.scan}`;
  }

  async check(call: Call): Promise<CheckReport> {
    const server = await this.#doing("reach the database", () => this.#database.server(call));
    try {
      const { shape } = await this.#read(call);
      const unknown = this.#options.attributes.filter(
        (name) => findColumn(shape.relation, shape.dialect, name) === undefined,
      );
      const missing = unknown.map((name) => `add column ${name}, which is mapped, or correct its name`);
      return { server, problems: [...shape.problems, ...missing, ...statementProblems(this.#options.block)] };
    } catch (error) {
      if (!(error instanceof StoreError) || !["Invalid", "Denied"].includes(error.kind)) throw error;
      return { server, problems: [error.message] };
    }
  }

  async schema(call: Call): Promise<StoreSchema> {
    const { shape, entitlementShape } = await this.#read(call);
    return storeSchema(shape, entitlementShape);
  }

  marker(call: Call): Promise<string> {
    return this.#doing("ask whether the database changed", () => this.#database.marker(call));
  }

  async *scan(what: "accounts" | "entitlements", call: Call): AsyncIterable<readonly Sighting[]> {
    const { accounts, entitlements } = await this.#known(call);
    if (what === "accounts") yield* explaining(accounts.scan(this.#database, call), "scan the accounts");
    else if (entitlements) yield* explaining(entitlements.scan(call), "scan the entitlements");
  }

  async fetch(anchors: readonly string[], call: Call): Promise<readonly AccountRecord[]> {
    const { accounts } = await this.#known(call);
    return this.#doing("fetch accounts", () => accounts.fetch(this.#database, anchors, call));
  }

  async find(questions: readonly FindQuestion[], call: Call): Promise<readonly (readonly AccountRecord[])[]> {
    const { accounts } = await this.#known(call);
    return this.#doing("find accounts", () => accounts.find(this.#database, questions, call));
  }

  async entitlements(
    refs: readonly EntitlementRef[],
    call: Call,
  ): Promise<readonly (EntitlementRecord | undefined)[]> {
    const { entitlements } = await this.#known(call);
    if (!entitlements) return refs.map(() => undefined);
    return this.#doing("find entitlements", () => entitlements.find(refs, call));
  }

  async *memberships(keys: readonly string[], call: Call): AsyncIterable<readonly Membership[]> {
    const { entitlements } = await this.#known(call);
    if (entitlements) yield* explaining(entitlements.memberships(keys, call), "read who holds entitlements");
  }

  memberKey({ anchor }: { readonly anchor: string }): string {
    return anchor;
  }

  async *apply(changes: readonly StoreChange[], call: Call): AsyncIterable<Outcome> {
    const { writers } = await this.#known(call);
    const { batch } = this.#database.dialect;
    for (let at = 0; at < changes.length; at += batch)
      yield* await applyBatch(this.#database, writers, changes.slice(at, at + batch), call);
  }

  async #known(call: Call): Promise<Parts> {
    if (call.signal.aborted) throw new StoreError("Retryable", "cannot go on: the call was aborted");
    return this.#parts ?? this.#read(call);
  }

  /** Reads what the tables are like, and keeps it for the calls that follow. */
  #read(call: Call): Promise<Parts> {
    const parts = this.#doing("read the tables' columns", () => this.#connect(call));
    this.#parts = parts;
    parts.catch(() => {
      if (this.#parts === parts) this.#parts = undefined;
    });
    return parts;
  }

  async #connect(call: Call): Promise<Parts> {
    const { block, attributes } = this.#options;
    const database = this.#database;
    const shape = await readShape(database, block, call);
    const where = block.entitlements;
    const entitlementShape =
      where && (await readEntitlementShape(database, shape, where, block.table?.name, call));
    return {
      shape,
      entitlementShape,
      accounts: new AccountReader(shape, attributes),
      entitlements: entitlementShape && new EntitlementReader(database, entitlementShape),
      writers: {
        shape,
        accounts: block.table
          ? new TableWriter(shape, block.table)
          : new StatementWriter(shape, block.statements!),
        entitlements: new EntitlementWriter(database.dialect, entitlementShape),
      },
    };
  }

  async #doing<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw explain(error, doing);
    }
  }
}

function capabilities({ table, statements, entitlements }: SqlTarget): Capabilities {
  const has = (name: "insert" | "update" | "disable" | "enable" | "delete") =>
    table !== undefined || statements?.[name] !== undefined;
  return {
    create: has("insert"),
    update: has("update"),
    rename: table !== undefined || /:name\b/.test(statements?.update ?? ""),
    disable: table ? table.disabled !== undefined : has("disable") && has("enable"),
    delete: has("delete"),
    entitlements: entitlements !== undefined,
    createEntitlements: entitlements?.join?.list !== undefined,
    passwords: false,
    restore: false,
    expect: true,
  };
}

function statementProblems({ statements }: SqlTarget): readonly string[] {
  return Object.entries(statements ?? {}).flatMap(([name, source]) => {
    try {
      const { parameters } = parseStatement(source ?? "");
      return name === "scan" && parameters.length > 0 ? ["take the parameters out of statements.scan"] : [];
    } catch (error) {
      return [`correct statements.${name}: ${(error as Error).message}`];
    }
  });
}
