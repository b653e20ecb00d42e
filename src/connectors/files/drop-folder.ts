import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseDuration } from "../../core/model/duration.ts";
import type { ConnectorEnvironment } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { named } from "./errors.ts";
import { globMatches } from "./glob.ts";
import type { DropFolderBlock } from "./place-block.ts";
import type { Place } from "./store.ts";

interface Dropped {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly changed: number;
}

/** A folder that somebody else puts files into: the newest one that is complete counts, and never an older one than has counted before. */
export function dropFolder(block: DropFolderBlock, { path, memory }: ConnectorEnvironment): Place {
  const known = memory ?? new Map<string, unknown>();
  const key = `${block.newest} newest file of ${join(block.path, block.pattern)}`;
  return {
    title: join(block.path, block.pattern),
    newRows: undefined,
    async files() {
      const newest = await named(block.path, "read", () => newestOf(block, path(block.path)));
      const last = known.get(key) as Dropped | undefined;
      if (newest === undefined)
        throw refused(block, `holds no complete file ${block.pattern}; put one there`);
      if (last !== undefined && isNewer(last, newest, block)) {
        throw refused(
          block,
          `its newest complete file ${newest.name} is older than ${last.name}, which was read before; put that back, or a newer one`,
        );
      }
      known.set(key, newest);
      const name = join(block.path, newest.name);
      return [{ name, path: path(name) }];
    },
  };
}

async function newestOf(block: DropFolderBlock, folder: string): Promise<Dropped | undefined> {
  const names = await readdir(folder);
  let newest: Dropped | undefined;
  for (const name of names.filter((each) => isMeant(each, block))) {
    const { mtimeMs: changed } = await stat(join(folder, name));
    const complete =
      block.done === undefined
        ? Date.now() - changed >= parseDuration(block.settle)
        : names.includes(name + block.done);
    const dropped = { name, changed };
    if (complete && (newest === undefined || isNewer(dropped, newest, block))) newest = dropped;
  }
  return newest;
}

/** A name that begins with a dot is that of a file which is still being written, or not for us. */
function isMeant(name: string, { pattern }: DropFolderBlock): boolean {
  return !name.startsWith(".") && globMatches(pattern, name);
}

function isNewer(one: Dropped, other: Dropped, { newest }: DropFolderBlock): boolean {
  if (newest === "Time" && one.changed !== other.changed) return one.changed > other.changed;
  return one.name > other.name;
}

function refused({ path }: DropFolderBlock, cause: string): StoreError {
  return new StoreError("Unavailable", `cannot read ${path}: ${cause}`);
}
