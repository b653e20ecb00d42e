import { readFile } from "node:fs/promises";
import { MemoryStore } from "../../src/connectors/memory/store.ts";

/** Whether somebody gets into a memory store, by its file, with this password. */
export async function logsInTo(file: string, name: string, password: string): Promise<boolean> {
  const content = JSON.parse(await readFile(file, "utf8"));
  const store = new MemoryStore();
  const passwords = Object.entries(content.passwords ?? {}) as never;
  store.restore({ next: 1, accounts: content.accounts, deleted: [], entitlements: [], passwords });
  return store.login(name, password);
}
