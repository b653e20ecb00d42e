import type { StoreConnection } from "../connectors/contract.ts";
import { StoreError } from "../connectors/errors.ts";
import { targetModel } from "../core/desired/target-model.ts";
import { wordFaults } from "../core/kinds/check.ts";
import { fieldOf } from "../core/kinds/field.ts";
import type { Resource } from "../core/kinds/resource.ts";
import { callFor, type Parts } from "./parts.ts";
import type { Stores } from "./stores.ts";
import { openTargetLane, placeOf, type TargetLane } from "./target-lane.ts";

/** Milliseconds to read what a store says of its accounts. */
const schemaTimeout = 60_000;

/** The lane of a target over its store's connection. Throws `Invalid` where the one does not fit the other. */
export async function openTarget(
  parts: Parts,
  stores: Stores,
  connection: StoreConnection,
  store: Resource<"Store">,
  target: Resource<"Target">,
  isClaimed: (place: string, anchor: string) => boolean,
): Promise<TargetLane> {
  // The version of a target that is in force may be older than its store.
  const [misfit] = wordFaults(target, store);
  if (misfit)
    throw new StoreError(
      "Invalid",
      `Target/${target.name} ${fieldOf(["spec", ...misfit.path])} ${misfit.message}`,
    );
  const connector = stores.target(connection, store, target);
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
  const place = placeOf(store.name, connector.place);
  return openTargetLane(made.model, { connector, reading, passwords }, parts.state, (anchor) =>
    isClaimed(place, anchor),
  );
}
