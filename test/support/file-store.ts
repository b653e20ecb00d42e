import { existsSync, realpathSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import type { Call, Connector, ConnectorType, Outcome, StoreChange } from "../../src/connectors/contract.ts";
import { StoreError } from "../../src/connectors/errors.ts";
import type { Notebook } from "../../src/connectors/notebook.ts";
import { makeFolder } from "./folder.ts";

export const call: Call = { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY };

/** An operator's root with files in it: `await using files = await makeFiles({…})`. */
export async function makeFiles(content: Readonly<Record<string, string | Uint8Array>> = {}) {
  const folder = await makeFolder("files");
  const notes = new Map<string, string>();
  const at = (name: string) => join(folder.path, name);
  for (const [name, text] of Object.entries(content)) await writeFile(at(name), text);
  const path = (name: string) => {
    const real = existsSync(at(name)) ? realpathSync(at(name)) : at(name);
    if (real.startsWith(folder.path + sep)) return real;
    throw new StoreError("Denied", `cannot use the file ${name}: it lies outside`);
  };
  return {
    folder: folder.path,
    at,
    read: (name: string) => readFile(at(name), "utf8"),
    write: (name: string, text: string | Uint8Array) => writeFile(at(name), text),
    /** What every connection writes into its notebook. */
    notes,
    connect(
      type: ConnectorType,
      store: object,
      target: object = { key: "login" },
      attributes: readonly string[] = ["mail"],
    ): Connector {
      const secret = () => Promise.reject(new StoreError("Unauthenticated", "no secrets here"));
      return type
        .connect(type.storeSchema.parse(store), { path, secret, notebook: notebookIn(notes) })
        .target({ block: type.targetSchema.parse(target), attributes });
    },
    [Symbol.asyncDispose]: () => folder.remove(),
  };
}

/** One whose texts the test can look at. */
function notebookIn(notes: Map<string, string>): Notebook {
  return {
    id: "here",
    read: async () => new Map(notes),
    async write(texts) {
      for (const [key, text] of Object.entries(texts))
        if (text === undefined) notes.delete(key);
        else notes.set(key, text);
    },
  };
}

export async function namesIn(connector: Connector): Promise<string[]> {
  const found: string[] = [];
  for await (const page of connector.scan("accounts", call)) found.push(...page.map(({ name }) => name));
  return found;
}

export async function apply(connector: Connector, ...changes: StoreChange[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for await (const outcome of connector.apply(changes, call)) outcomes.push(outcome);
  return outcomes;
}

/** A change of the account's `mail`. */
export function newMail(anchor: string, after: string, id = 1): StoreChange {
  const attributes = [{ name: "mail", before: [], after: [after] }];
  return { id, kind: "modify", anchor, name: anchor, attributes };
}

export function newAccount(name: string, id = 1): StoreChange {
  return { id, kind: "create", name, attributes: {}, enabled: true };
}
