import type { StoreConnection } from "../connectors/contract.ts";
import { StoreError } from "../connectors/errors.ts";
import { type TargetModel, targetModel } from "../core/desired/target-model.ts";
import type { Resource } from "../core/kinds/resource.ts";
import { callFor, type Parts } from "./parts.ts";
import type { Stores } from "./stores.ts";
import { openTargetLane, type TargetLane } from "./target-lane.ts";

/** Milliseconds to read what a store says of its accounts. */
const schemaTimeout = 60_000;

/** What is kept of people's word stands in the state, and no secret ever does (law 9). */
function checkOfWord({ name, spec }: Resource<"Target">, store: Resource<"Store">): void {
  const word = `what is in Store/${store.name} is what people say that they did`;
  if (!spec.tasks) throw new StoreError("Invalid", `Target/${name} needs spec.tasks: ${word}`);
  const secret = Object.entries(spec.accounts.attributes).find(([, { sensitive }]) => sensitive)?.[0];
  if (secret !== undefined)
    throw new StoreError(
      "Invalid",
      `Target/${name} cannot map ${secret}, which is sensitive: ${word}, and is kept as it is; unmap it`,
    );
}

/** The lane of a target over its store's connection. Throws `Invalid` where the one does not fit the other. */
export async function openTarget(
  parts: Parts,
  stores: Stores,
  connection: StoreConnection,
  store: Resource<"Store">,
  target: Resource<"Target">,
  isClaimed: (model: TargetModel, anchor: string) => boolean,
): Promise<TargetLane> {
  const connector = stores.target(connection, store, target);
  if (connector.isRecord) checkOfWord(target, store);
  const made = targetModel(
    target.name,
    target.spec,
    store.spec,
    await connector.schema(callFor(parts, schemaTimeout)),
    parts.state.digestKey,
  );
  if ("problems" in made)
    throw new StoreError(
      "Invalid",
      `Target/${target.name} does not fit its store: ${made.problems.join("; ")}`,
    );
  const passwords = stores.passwords(store, target);
  const reading = (more: readonly string[]) => stores.target(connection, store, target, more);
  return openTargetLane(made.model, { connector, reading, passwords }, parts.state, (anchor) =>
    isClaimed(made.model, anchor),
  );
}
