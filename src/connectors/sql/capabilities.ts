import type { Capabilities } from "../contract.ts";
import type { SqlTarget, StatementsBlock } from "./schema.ts";
import { parseScript, parseStatement } from "./statements/parse.ts";
import type { UserCatalog } from "./users/catalog.ts";

/** What can be done with the accounts of this block. */
export function capabilities(
  { table, statements, users, entitlements }: SqlTarget,
  catalog: UserCatalog | undefined,
): Capabilities {
  const has = (name: keyof StatementsBlock) => statements?.[name] !== undefined;
  const all = table !== undefined || users !== undefined;
  return {
    create: all || has("insert"),
    update: all || has("update"),
    rename: users
      ? catalog?.renames === true
      : table !== undefined || /:name\b/.test(statements?.update ?? ""),
    disable: users ? true : table ? table.disabled !== undefined : has("disable") && has("enable"),
    delete: all || has("delete"),
    entitlements: users !== undefined || entitlements !== undefined || (has("grant") && has("revoke")),
    createEntitlements: users !== undefined || entitlements?.join?.list !== undefined,
    passwords: users !== undefined,
    restore: false,
    expect: users ? catalog?.transactional === true : true,
  };
}

/** What is wrong with own statements that can be told without running them, as verb phrases. */
export function statementProblems({ statements }: SqlTarget): readonly string[] {
  return Object.entries(statements ?? {}).flatMap(([name, source]) => {
    try {
      if (!readsAll.has(name)) parseScript(source ?? "");
      else if (parseStatement(source ?? "").parameters.length > 0)
        return [`take the parameters out of statements.${name}`];
      return [];
    } catch (error) {
      return [`correct statements.${name}: ${(error as Error).message}`];
    }
  });
}

/** Statements that everything is read through, as subqueries. */
const readsAll: ReadonlySet<string> = new Set(["scan", "members", "entitlements"]);
