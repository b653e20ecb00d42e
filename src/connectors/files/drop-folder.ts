import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseDuration } from "../../core/model/duration.ts";
import type { ConnectorEnvironment } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { takingTurns } from "../turns.ts";
import { named } from "./errors.ts";
import { globMatches } from "./glob.ts";
import { type Dropped, LastRead } from "./last-read.ts";
import type { DropFolderBlock } from "./place-block.ts";
import type { Place } from "./store.ts";

/**
 * A folder that somebody else puts files into: the newest one that is complete counts, and never an older one than was read before, by
 * whatever process. What was read is remembered only once it was whole: a broken file may be taken away again.
 */
export function dropFolder(block: DropFolderBlock, { path, notebook }: ConnectorEnvironment): Place {
  const kept = new LastRead(block.path, notebook);
  const lastRead = async () => {
    const last = await kept.get();
    return last && isMeant(last.name, block) ? last : undefined;
  };
  const inTurn = takingTurns();
  return {
    title: join(block.path, block.pattern),
    newRows: undefined,
    async files() {
      const newest = await named(block.path, "read", () => newestOf(block, path(block.path)));
      if (newest === undefined)
        throw refused(block, `holds no complete file ${block.pattern}; put one there`);
      const last = await lastRead();
      if (last !== undefined && isNewer(last, newest, block)) throw stepBack(last, newest, block);
      const name = join(block.path, newest.name);
      return [{ name, path: path(name) }];
    },
    wereRead: (files) =>
      inTurn(async () => {
        for (const { name, path } of files) {
          const { mtimeMs: changed } = await named(name, "read", () => stat(path));
          const [read, last] = [{ name: basename(name), changed }, await lastRead()];
          if (last === undefined || isNewer(read, last, block)) await kept.set(read);
        }
      }),
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
function isMeant(name: string, { pattern, except }: DropFolderBlock): boolean {
  return !name.startsWith(".") && globMatches(pattern, name) && !except.includes(name);
}

function isNewer(one: Dropped, other: Dropped, { newest }: DropFolderBlock): boolean {
  if (newest === "Time" && one.changed !== other.changed) return one.changed > other.changed;
  return one.name > other.name;
}

function stepBack(last: Dropped, newest: Dropped, block: DropFolderBlock): StoreError {
  const [one, other] = [newest, last].map(({ name, changed }) =>
    block.newest === "Time" ? `${name} of ${new Date(changed).toISOString()}` : name,
  );
  const cure =
    newest.name === last.name ? `touch ${newest.name}` : `list ${last.name} in folder.except of the Store`;
  return refused(
    block,
    `its newest complete file ${one} is older than ${other}, which was read before; put that back, or a newer one, or if the older one is right, ${cure}`,
  );
}

function refused({ path }: DropFolderBlock, cause: string): StoreError {
  return new StoreError("Unavailable", `cannot read ${path}: ${cause}`);
}
