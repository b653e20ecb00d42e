import {
  closeSync,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  type Stats,
} from "node:fs";
import { join, sep } from "node:path";
import type { Slices } from "../slices.ts";

/** Bytes. A larger file is refused: it would hold up everything else. */
export const maxFileSize = 10 * 1024 * 1024;

/** What tells one version of a file from another without reading it; or why it cannot be read. */
export type Stamp = string | Unreadable;

export interface Unreadable {
  readonly unreadable: string;
}

/**
 * The stamps of `*.yaml`, `*.yml` and `*.json` in a folder below a root, and of whatever there cannot be read, by path relative
 * to the root. Hidden files and folders are left out. `root` has no links in it.
 * Synchronous calls in slices: asynchronous ones cost ten times as much for 100,000 files.
 */
export async function listFiles(root: string, slices: Slices, below = ""): Promise<Map<string, Stamp>> {
  const files = new Map<string, Stamp>();
  const folders = [below];
  for (const folder of folders) {
    const entries = entriesOf(root, folder);
    if ("unreadable" in entries) {
      files.set(folder, entries);
      continue;
    }
    for (const entry of entries) {
      if (slices.over()) await slices.rest();
      const path = join(folder, entry.name);
      if (entry.name.startsWith(".")) continue;
      if (entry.isDirectory()) folders.push(path);
      else if (isManifestName(entry.name) || entry.isSymbolicLink()) {
        const stamp = stampOf(root, path);
        if (stamp !== undefined) files.set(path, stamp);
      }
    }
  }
  return files;
}

/** Whether there is a folder at a path; links do not count. The root always does. */
export function isFolder(root: string, path: string): boolean {
  return path === "" || (lstatSync(join(root, path), { throwIfNoEntry: false })?.isDirectory() ?? false);
}

export function sameStamp(a: Stamp | undefined, b: Stamp | undefined): boolean {
  return a === b || (typeof a === "object" && typeof b === "object" && a.unreadable === b.unreadable);
}

export function isManifestName(name: string): boolean {
  return /\.(ya?ml|json)$/i.test(name);
}

/** Undefined where there is no file that could be a manifest. */
export function stampOf(root: string, path: string): Stamp | undefined {
  const file = join(root, path);
  try {
    const stats = lstatSync(file);
    if (stats.isSymbolicLink()) return linkStamp(root, file);
    return isManifestName(path) ? fileStamp(stats) : undefined;
  } catch (error) {
    return isMissing(error) ? undefined : unreadable(error);
  }
}

/** The text of a file, or undefined when it no longer has this stamp. Throws where it cannot be read. */
export function readStamped(root: string, path: string, stamp: string): string | undefined {
  const file = openSync(join(root, path), "r");
  try {
    const text = readFileSync(file, "utf8");
    return fileStamp(fstatSync(file)) === stamp ? text : undefined;
  } finally {
    closeSync(file);
  }
}

export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

export function unreadable(error: unknown): Unreadable {
  return {
    unreadable: `cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`,
  };
}

function entriesOf(root: string, folder: string): Dirent[] | Unreadable {
  try {
    return readdirSync(join(root, folder), { withFileTypes: true });
  } catch (error) {
    return unreadable(error);
  }
}

/** A link may stand for a file of this folder. One to a folder could hide manifests or go in circles: it must not be there. */
function linkStamp(root: string, file: string): Stamp | undefined {
  try {
    const real = realpathSync(file);
    const stats = lstatSync(real);
    if (stats.isDirectory()) return { unreadable: "is a link to a folder: move the folder here" };
    if (!isManifestName(file)) return undefined;
    if (!real.startsWith(root + sep))
      return { unreadable: "is a link that leads out of the folder: copy the file" };
    return fileStamp(stats);
  } catch (error) {
    return isManifestName(file) ? unreadable(error) : undefined;
  }
}

function fileStamp(stats: Stats): Stamp {
  if (!stats.isFile()) return { unreadable: "is not a regular file" };
  if (stats.size > maxFileSize)
    return { unreadable: `is larger than ${maxFileSize / 1024 / 1024} MB: split it` };
  return `${stats.mtimeMs}:${stats.ctimeMs}:${stats.size}:${stats.ino}`;
}
