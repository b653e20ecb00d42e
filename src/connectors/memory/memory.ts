import type { ConnectorEnvironment, ConnectorType, StoreConnection } from "../contract.ts";
import { StoreError } from "../errors.ts";
import {
  type MemoryStoreBlock,
  type MemoryTargetBlock,
  memoryStoreBlock,
  memoryTargetBlock,
} from "./blocks.ts";
import { type Begin, checkSignal, memoryTarget } from "./connector.ts";
import { errorRows } from "./errors.ts";
import { memoryFile } from "./file.ts";
import type { MemoryOptions } from "./options.ts";
import { MemoryStore } from "./store.ts";

/**
 * A connector whose stores lie in memory. Given a store, every manifest leads to it; given a map, the block's `name` picks one, and
 * what it does not hold yet is made from the block and put there.
 */
export function memoryConnector(
  stores: MemoryStore | Map<string, MemoryStore> = new Map(),
): ConnectorType<MemoryStoreBlock, MemoryTargetBlock> {
  return {
    name: "memory",
    summary: "A directory in memory or in a JSON file: for tests, sandboxes and trying policies out.",
    storeSchema: memoryStoreBlock,
    targetSchema: memoryTargetBlock,
    errors: errorRows,
    connect(block, environment) {
      if (stores instanceof MemoryStore) return connection(stores);
      if (block.file !== undefined) return fileConnection(block, block.file, environment);
      let store = stores.get(block.name);
      if (store === undefined) {
        store = new MemoryStore(optionsOf(block));
        stores.set(block.name, store);
      }
      return connection(store);
    },
  };
}

function optionsOf(block: MemoryStoreBlock): MemoryOptions {
  const { name, attributes, nameMatching, attributeNames, entitlementNeedsMember } = block;
  const declared = attributes as MemoryOptions["attributes"];
  return {
    fingerprint: `memory:${name}`,
    nameMatching,
    attributeNames,
    entitlementNeedsMember,
    ...(declared && { attributes: declared }),
  };
}

function fileConnection(block: MemoryStoreBlock, file: string, environment: ConnectorEnvironment) {
  const store = new MemoryStore({ ...optionsOf(block), fingerprint: `memory:${file}` });
  return connection(store, memoryFile(store, file, environment));
}

function connection(
  store: MemoryStore,
  backing?: ReturnType<typeof memoryFile>,
): StoreConnection<MemoryTargetBlock> {
  let closed = false;
  const begin: Begin = async (name, call) => {
    store.calls.set(name, (store.calls.get(name) ?? 0) + 1);
    if (closed) throw new StoreError("Unavailable", "cannot use the memory store: its connection is closed");
    checkSignal(call);
    await store.faults.call?.(name);
    await backing?.load();
    checkSignal(call);
  };
  return {
    async fingerprint(call) {
      await begin("fingerprint", call);
      return store.fingerprint;
    },
    target: (options) => memoryTarget(store, begin, backing, options),
    async close() {
      closed = true;
    },
  };
}
