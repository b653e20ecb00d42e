import { checkEach } from "../../core/kinds/check.ts";
import type { ConnectorBlocks } from "../../core/kinds/kinds.ts";
import { problemKey } from "../../core/kinds/problem-key.ts";
import type { Problem, Snapshot } from "../../core/kinds/resource.ts";
import { inSlices } from "../../engine/breathe.ts";
import { Engine } from "../../engine/engine.ts";
import type { Stores } from "../../engine/stores.ts";
import { KnownManifests } from "../../resources/known.ts";
import { resolving } from "../../resources/resolve.ts";
import type { Reading } from "../../resources/resources.ts";
import { Refusal } from "../../server/refusal.ts";
import { StateError } from "../../state/errors.ts";
import type { State } from "../../state/state.ts";
import { UsageError } from "../command.ts";

/** What a namespace's controller lends to those who ask: nothing of it is changed. */
export interface ReadTenant {
  /** What the cluster holds now. */
  read(signal: AbortSignal): Promise<Reading>;
  /** Opens the namespace's state for reading; whoever asked closes it. */
  openState(): Promise<State>;
  /** The namespace's stores, by what this state knows of them. */
  stores(state: State): Stores;
  readonly connectors: readonly ConnectorBlocks[];
}

export interface ReadParts {
  /** Undefined where no controller of this process has the namespace. */
  tenant(namespace: string): ReadTenant | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly newId: () => string;
}

/** A namespace while one question about it is answered. */
export interface Looking {
  readonly reading: Reading;
  readonly known: KnownManifests;
  readonly snapshot: Snapshot;
  readonly state: State;
  /** An engine that plans with `stores` and writes nothing; closed when the question is answered. */
  engine(stores: Stores, snapshot: Snapshot): Promise<Engine>;
}

/** Opens what a question about a namespace needs, answers it, and closes all of it again. */
export async function look<T>(
  parts: ReadParts,
  namespace: string,
  signal: AbortSignal,
  answer: (looking: Looking, tenant: ReadTenant) => Promise<T>,
): Promise<T> {
  const tenant = parts.tenant(namespace);
  if (!tenant) throw new Refusal(404, `this Rollcall does not look after the namespace ${namespace}`);
  try {
    const reading = await tenant.read(signal);
    const state = await tenant.openState();
    const engines: Engine[] = [];
    const closeAll = async () => {
      for (const engine of engines) await engine.close();
    };
    // Nobody waits any longer: what reads a store is cut off, and ends as if the store had gone.
    const leave = () => void closeAll().catch(() => {});
    signal.addEventListener("abort", leave, { once: true });
    try {
      const known = new KnownManifests(await state.manifests());
      const { snapshot } = await inSlices(resolving(reading, known, parts.now()));
      const engine = async (stores: Stores, loaded: Snapshot) => {
        const { now, newId } = parts;
        const made = new Engine({ state, clock: { now }, newId, progress: () => {}, stop: signal }, stores);
        engines.push(made);
        await made.load(loaded);
        return made;
      };
      return await answer({ reading, known, snapshot, state, engine }, tenant);
    } finally {
      signal.removeEventListener("abort", leave);
      await closeAll();
      await state.close();
    }
  } catch (error) {
    if (error instanceof UsageError) throw new Refusal(400, error.message);
    if (error instanceof StateError) throw new Refusal(503, whyNoState(error, namespace), 5);
    throw error;
  }
}

/** In a cluster nobody needs to make it, and what would help a folder's user helps nobody here. */
function whyNoState({ kind, message }: StateError, namespace: string): string {
  if (kind !== "NoState" && kind !== "Older") return message;
  return `the controller has not opened the state of the namespace ${namespace} yet: try again in a moment`;
}

/** Everything that is wrong with what was read, each once. */
export async function problemsOf(reading: Reading, { problems }: Snapshot): Promise<readonly Problem[]> {
  const found = await inSlices(checkEach(reading.resources, reading.invalid.keys()));
  return [...new Map([...problems, ...found].map((problem) => [problemKey(problem), problem])).values()];
}
