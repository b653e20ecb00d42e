import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { saveManifests } from "../src/cli/remember.ts";
import { storesOf } from "../src/cli/stores.ts";
import { connectors } from "../src/connectors/registry.ts";
import type { Snapshot } from "../src/core/kinds/resource.ts";
import { inSlices } from "../src/engine/breathe.ts";
import { Engine } from "../src/engine/engine.ts";
import type { TargetReport } from "../src/engine/run.ts";
import type { RunOptions } from "../src/engine/run-options.ts";
import { directory } from "../src/resources/directory/directory.ts";
import { KnownManifests } from "../src/resources/known.ts";
import { resolving } from "../src/resources/resolve.ts";
import type { Resources } from "../src/resources/resources.ts";
import { openState } from "../src/state/open.ts";
import type { State } from "../src/state/state.ts";
import { type Counts, countingConnector, countingState, noCounts } from "./counts.ts";

/** A whole Rollcall in this process, as the command line puts it together: a folder, a state in a file, an engine. */
export interface Session extends AsyncDisposable {
  readonly engine: Engine;
  readonly state: State;
  readonly resources: Resources;
  readonly counts: Counts;
  /** Called for each change that a store has answered. */
  onChange: () => void;
  /** Reads the folder and remembers what it says; seconds of both. */
  load(): Promise<{ readonly snapshot: Snapshot; readonly parsing: number; readonly remembering: number }>;
  /** Runs all targets; seconds. Throws when not everything was done. */
  run(options?: Partial<RunOptions>): Promise<{ readonly seconds: number; readonly done: number }>;
  close(): Promise<void>;
}

export async function openSession(
  folder: string,
  environment: Readonly<Record<string, string>>,
  /** Under which the stores' files lie. */
  root = folder,
): Promise<Session> {
  const counts = noCounts();
  const manifests = join(folder, "manifests");
  const resources = directory(manifests, connectors);
  const opened = await openState(join(folder, "state.db"), {
    realm: "default",
    mode: "write",
    initialise: true,
  });
  const state = countingState(opened, counts);
  const stores = storesOf({ connectors, environment, root });
  const engine = new Engine(
    {
      state,
      clock: { now: Date.now },
      newId: randomUUID,
      progress: () => {},
      stop: new AbortController().signal,
    },
    {
      connect: (store) => stores.connect(store),
      target: (...of) => countingConnector(stores.target(...of), counts, () => session.onChange()),
      passwords: (...of) => stores.passwords(...of),
    },
  );
  const known = new KnownManifests();
  const close = async () => {
    await engine.close();
    await state.close();
  };
  const session: Session = {
    ...{ engine, state, resources, counts },
    onChange: () => {},
    async load() {
      const start = performance.now();
      const reading = await resources.read();
      const parsed = performance.now();
      const { snapshot, changes } = await inSlices(resolving(reading, known, Date.now()));
      if (snapshot.problems.length > 0) throw new Error(JSON.stringify(snapshot.problems[0]));
      await saveManifests(state, changes);
      known.apply(changes);
      await engine.load(snapshot);
      return { snapshot, parsing: since(start, parsed), remembering: since(parsed) };
    },
    async run(options = {}) {
      const start = performance.now();
      const reports = await engine.run({
        planOnly: false,
        shown: undefined,
        full: false,
        pass: true,
        ...options,
      });
      const done = reports.reduce((sum, report) => sum + doneIn(report), 0);
      return { seconds: since(start), done };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
  return session;
}

function doneIn({ error, applied, guarded }: TargetReport): number {
  if (error) throw error;
  const [failed] = applied?.failed ?? [];
  if (failed) throw new Error(`${failed.item.name}: ${failed.error}`);
  if (guarded.withheld[0]) throw new Error(`${guarded.withheld[0].item.name}: ${guarded.withheld[0].reason}`);
  return applied?.done.length ?? 0;
}

function since(start: number, end = performance.now()): number {
  return (end - start) / 1000;
}
