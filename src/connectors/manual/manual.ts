import type { ConnectorEnvironment, ConnectorType, StoreConnection } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { checkSignal, memoryTarget } from "../memory/connector.ts";
import { MemoryStore } from "../memory/store.ts";
import {
  type ManualStoreBlock,
  type ManualTargetBlock,
  manualStoreBlock,
  manualTargetBlock,
} from "./blocks.ts";
import { errorRows } from "./errors.ts";
import { recordKeeping } from "./records.ts";

/**
 * Stores that no program can read: badges, keys, a system at a customer's. What is there is what people said that they did, kept as
 * records with Rollcall's state.
 */
export const manualConnector: ConnectorType<ManualStoreBlock, ManualTargetBlock> = {
  name: "manual",
  summary: "What people do by hand, where nothing can be read: records of the tasks that they completed.",
  storeSchema: manualStoreBlock,
  targetSchema: manualTargetBlock,
  isRecord: true,
  errors: errorRows,
  connect,
};

function connect(
  { names, attributes, entitlements }: ManualStoreBlock,
  { notebook }: ConnectorEnvironment,
): StoreConnection<ManualTargetBlock> {
  const store = new MemoryStore({
    nameMatching: names,
    ...(attributes && { attributes }),
    capabilities: { createEntitlements: false, passwords: false, restore: false },
  });
  const records = recordKeeping(store, notebook, entitlements);
  let closed = false;
  const begin: Parameters<typeof memoryTarget>[1] = async (_name, call) => {
    if (closed) throw new StoreError("Unavailable", "cannot use the records: their connection is closed");
    checkSignal(call);
    await records.load();
    checkSignal(call);
  };
  return {
    async fingerprint(call) {
      await begin("fingerprint", call);
      return `manual:${notebook?.id}`;
    },
    target: ({ attributes: mapped }) => ({
      ...memoryTarget(store, begin, records, { block: {}, attributes: mapped }),
      async check(call) {
        await begin("check", call);
        const unknown = mapped.filter((name) => attributes && !Object.hasOwn(attributes, name));
        const problems = unknown.map(
          (name) => `declare the attribute ${name} in the Store's manual.attributes, or unmap it`,
        );
        return { server: "records kept by Rollcall", problems };
      },
    }),
    async close() {
      closed = true;
    },
  };
}
