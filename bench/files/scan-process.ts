import { boundHeap } from "../../src/cli/heap.ts";
import type { Call } from "../../src/connectors/contract.ts";
import { connectors } from "../../src/connectors/registry.ts";
import { report } from "./report.ts";

// One scan in a process of its own, with all connectors loaded, as Rollcall has them, and its heap bounded.
boundHeap();
const { connector: name, store, target, attributes } = JSON.parse(process.argv[2]!);
const type = connectors.find((each) => each.name === name)!;
const environment = { path: (path: string) => path, secret: async () => "" };
const connection = type.connect(type.storeSchema.parse(store), environment);
const connector = connection.target({ block: type.targetSchema.parse(target), attributes });
const call: Call = { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY };

await report(async () => {
  let rows = 0;
  for await (const page of connector.scan("accounts", call)) rows += page.length;
  return rows;
});
