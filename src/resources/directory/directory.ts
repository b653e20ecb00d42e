import { realpathSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConnectorBlocks } from "../../core/kinds/kinds.ts";
import { manifestParser } from "../../core/kinds/parse.ts";
import type { Complete, Reading, Resources } from "../resources.ts";
import { startSlices } from "../slices.ts";
import { FileCache } from "./cache.ts";
import { type Stamp, sameStamp } from "./files.ts";
import { gitFolder, gitLocked, gitRevision, gitUnderWay } from "./git.ts";
import { FolderWatch } from "./watch.ts";

export interface DirectoryOptions {
  /** Milliseconds for which nothing may have changed before the files are read. */
  readonly quietFor?: number;
  /** Milliseconds after which files that keep changing are read all the same, as an incomplete reading. */
  readonly patience?: number;
}

/** Manifests in a folder. What was read is kept: reading again costs what has changed, and a look at each file unless it is watched. */
export function directory(
  folder: string,
  connectors: readonly ConnectorBlocks[],
  { quietFor = 50, patience = 5_000 }: DirectoryOptions = {},
): Resources {
  const parser = manifestParser(connectors);
  /** Paths that may have changed since the last reading; the empty path is the whole folder. */
  const changed = new Set([""]);
  let watched = false;
  let cache: { root: string; files: FileCache } | undefined;

  const cacheOf = (root: string) => {
    if (cache?.root === root) return cache.files;
    changed.add("");
    cache = { root, files: new FileCache(root, parser) };
    return cache.files;
  };

  return {
    place: folder,

    async read(signal) {
      if (!watched) changed.add("");
      const root = rootOf(folder);
      const files = cacheOf(root);
      const taken = new Set<string>();
      try {
        const still = await readStill(root, files, { changed, taken, quietFor, patience, signal });
        return await readingOf(files, still);
      } catch (error) {
        for (const path of taken) changed.add(path);
        throw error;
      }
    },

    async watch(onChange, signal) {
      const watch = new FolderWatch(folder, (path) => {
        if (path !== undefined) changed.add(path);
        onChange();
      });
      signal.addEventListener("abort", () => {
        watched = false;
        watch.stop();
      });
      watch.start();
      watched = true;
      changed.add("");
    },
  };
}

interface Attempt {
  readonly changed: Set<string>;
  /** What this reading has taken from `changed`. */
  readonly taken: Set<string>;
  readonly quietFor: number;
  readonly patience: number;
  readonly signal: AbortSignal | undefined;
}

interface Still {
  readonly revision: string | undefined;
  readonly unrest: string | undefined;
}

const changing = "its files keep changing";

/** Reads once two looks at the files, and at what Git is doing, have shown the same; the revision is found between the two. */
async function readStill(root: string, files: FileCache, attempt: Attempt): Promise<Still> {
  const { changed, taken, quietFor, patience, signal } = attempt;
  const git = gitFolder(root);
  const slices = startSlices();
  const deadline = performance.now() + patience;
  for (;;) {
    move(changed, taken);
    const before = await files.stamps(taken, slices);
    const [revision] = await Promise.all([git && gitRevision(root), sleep(quietFor, undefined, { signal })]);
    move(changed, taken);
    const after = await files.stamps(taken, slices);
    const late = performance.now() > deadline;
    const moving = !sameStamps(before, after);
    // A lock is there for a moment; a merge may be under way for days.
    if ((moving || (git && gitLocked(git))) && !late) continue;
    const unrest = (git && gitUnderWay(git)) ?? (moving ? changing : undefined);
    if (await files.update(taken, after, slices)) return { revision, unrest };
    if (late) return { revision, unrest: unrest ?? changing };
  }
}

async function readingOf(files: FileCache, { revision, unrest }: Still): Promise<Reading> {
  const { gap, ...assembled } = await files.assembled(startSlices());
  const reason = unrest ?? gap;
  const complete: Complete = reason === undefined ? { ok: true } : { ok: false, reason };
  return {
    ...assembled,
    complete,
    unread: new Map(),
    origins: new Map(),
    revision: revision ?? `digest:${files.digest().slice(0, 16)}`,
  };
}

/** Where a folder really is: a checkout may be swapped by turning a link. One that is missing is read, and found unreadable. */
function rootOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

function move(from: Set<string>, to: Set<string>): void {
  for (const path of from) to.add(path);
  from.clear();
}

function sameStamps(a: ReadonlyMap<string, Stamp>, b: ReadonlyMap<string, Stamp>): boolean {
  return a.size === b.size && [...a].every(([path, stamp]) => sameStamp(stamp, b.get(path)));
}
