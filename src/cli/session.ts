import { realpathSync } from "node:fs";
import type { Problem, Snapshot } from "../core/kinds/resource.ts";
import { Engine } from "../engine/engine.ts";
import type { Parts, Progress } from "../engine/parts.ts";
import { directory } from "../resources/directory/directory.ts";
import { validateReading } from "../resources/directory/validate.ts";
import type { Complete, Reading, Resources } from "../resources/resources.ts";
import { isStateError } from "../state/errors.ts";
import { openState } from "../state/open.ts";
import type { State } from "../state/state.ts";
import type { Context } from "./command.ts";
import { initFlag, odbcDriverFlag } from "./flags.ts";
import { notebookOf } from "./notebook.ts";
import { folderOf, rootOf, shownPlaceOf, statePlaceOf } from "./place.ts";
import { type Remembering, rememberer } from "./remember.ts";
import { type StoreAccess, storesOf } from "./stores.ts";

export interface SessionOptions {
  /**
   * `write`: the state is made where `--init` allows it, and what was read is remembered. `read`: nothing is written. `look`:
   * as `read`, and where there is no state it is as if there were an empty one.
   */
  readonly mode: "read" | "write" | "look";
  /** With `write`: the state is made without being asked for by `--init`. */
  readonly initialise?: boolean;
  /** Aborted when the work is to stop after the batch in hand. */
  readonly stop?: AbortSignal;
  readonly tell?: NonNullable<StoreAccess["tell"]>;
  /** Told of which targets a file says something new of a task. */
  readonly answered?: NonNullable<Remembering["answered"]>;
}

/** A folder of manifests with its state and an engine: what most commands work on. */
export interface Session {
  /** The manifest folder, absolute. */
  readonly folder: string;
  readonly resources: Resources;
  readonly state: State;
  /** Where the state is, or would be, to open it again: may hold a password. */
  readonly statePlace: string;
  /** The same for people. */
  readonly shownPlace: string;
  /** Whether `state` can be written to and kept. */
  readonly writes: boolean;
  /** There was no state: this one is empty, and ends with the process. */
  readonly isFirstRun: boolean;
  readonly engine: Engine;
  /** What is in force since the last reading. */
  readonly snapshot: Snapshot;
  /** Whether what is missing from the last reading is proven to be gone. */
  readonly complete: Complete;
  /** Everything that is wrong in the folder, by file and line. Found when it is asked for: `snapshot.problems` are cheaper, and less. */
  readonly problems: readonly Problem[];
  /** Reads the folder again, remembers what it holds, and tells the engine. */
  reload(): Promise<Snapshot>;
  close(): Promise<void>;
}

/** Reads the folder of `-f`, opens its state and loads an engine with what is in force. */
export async function openSession(context: Context, options: SessionOptions): Promise<Session> {
  const folder = folderOf(context);
  const statePlace = statePlaceOf(context, folder);
  const root = rootOf(context, folder);
  const resources = directory(folder, context.connectors);
  const reading = await resources.read();
  const { state, isFirstRun } = await stateFor(context, options, statePlace, reading.realm);
  try {
    const engine = new Engine(
      partsOf(context, state, options),
      storesOf({
        ...{ ...context, ...options, root },
        manifests: realpathSync(folder),
        odbcDrivers: context.args.texts(odbcDriverFlag),
        notebook: (store) => notebookOf(state, store),
      }),
    );
    const writes = options.mode === "write";
    const { answered } = options;
    const remember = await rememberer({
      ...{ state, engine, now: context.now, writes },
      ...(answered && { answered }),
    });
    const load = async (read: Reading) => {
      const snapshot = await remember(read);
      const findProblems = once(
        () => validateReading(folder, { ...read, problems: snapshot.problems }).problems,
      );
      return { snapshot, complete: read.complete, findProblems };
    };
    let now = await load(reading);
    return {
      ...{ folder, resources, state, statePlace, isFirstRun, engine, writes },
      shownPlace: isFirstRun ? shownPlaceOf(statePlace) : state.place,
      get snapshot() {
        return now.snapshot;
      },
      get complete() {
        return now.complete;
      },
      get problems() {
        return now.findProblems();
      },
      async reload() {
        now = await load(await resources.read(options.stop));
        return now.snapshot;
      },
      async close() {
        await engine.close();
        await state.close();
      },
    };
  } catch (error) {
    await state.close();
    throw error;
  }
}

function once<T>(find: () => T): () => T {
  let found: { readonly value: T } | undefined;
  return () => {
    found ??= { value: find() };
    return found.value;
  };
}

async function stateFor(
  { args }: Context,
  { mode, initialise = args.has(initFlag) }: SessionOptions,
  place: string,
  realm: string,
): Promise<{ state: State; isFirstRun: boolean }> {
  try {
    const options = mode === "write" ? ({ mode, initialise } as const) : ({ mode: "read" } as const);
    return { state: await openState(place, { realm, ...options }), isFirstRun: false };
  } catch (error) {
    if (mode !== "look" || !isStateError(error, "NoState")) throw error;
    const state = await openState(":memory:", { realm, mode: "write", initialise: true });
    return { state, isFirstRun: true };
  }
}

function partsOf({ now, newId, terminal }: Context, state: State, { stop }: SessionOptions): Parts {
  return {
    state,
    clock: { now },
    newId,
    progress: (progress) => terminal.progress(progressText(progress)),
    stop: stop ?? new AbortController().signal,
  };
}

function progressText({ target, step, done, total }: Progress): string {
  return `${target}: ${step}${total === undefined ? "" : ` ${done} of ${total}`} …`;
}
