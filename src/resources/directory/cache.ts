import type { ManifestParser } from "../../core/kinds/parse.ts";
import { sha256 } from "../../core/model/hash.ts";
import type { Slices } from "../slices.ts";
import { type Assembled, assemble } from "./assemble.ts";
import { type FileContent, parseFile } from "./file.ts";
import {
  isFolder,
  isMissing,
  listFiles,
  readStamped,
  type Stamp,
  sameStamp,
  stampOf,
  type Unreadable,
  unreadable,
} from "./files.ts";

/** What was read of a folder's files, kept so that only what has changed is read again. */
export class FileCache {
  readonly #root: string;
  readonly #parser: ManifestParser;
  readonly #stamps = new Map<string, Stamp>();
  readonly #contents = new Map<string, FileContent | Unreadable>();
  #assembled: Assembled | undefined;
  #digest: string | undefined;

  constructor(root: string, parser: ManifestParser) {
    this.#root = root;
    this.#parser = parser;
  }

  /** The stamps of all files at and below these paths as they are now; the empty path is the whole folder. */
  async stamps(paths: Iterable<string>, slices: Slices): Promise<Map<string, Stamp>> {
    const stamps = new Map<string, Stamp>();
    for (const path of paths) {
      if (isFolder(this.#root, path)) {
        for (const [file, stamp] of await listFiles(this.#root, slices, path)) stamps.set(file, stamp);
      } else {
        const stamp = stampOf(this.#root, path);
        if (stamp !== undefined) stamps.set(path, stamp);
      }
    }
    return stamps;
  }

  /** Reads what has another stamp than before, and forgets what is gone. False: a file changed meanwhile; take stamps again. */
  async update(
    paths: Iterable<string>,
    stamps: ReadonlyMap<string, Stamp>,
    slices: Slices,
  ): Promise<boolean> {
    for (const path of paths) this.#forgetBelow(path, stamps);
    for (const [path, stamp] of stamps) {
      if (sameStamp(this.#stamps.get(path), stamp)) continue;
      if (slices.over()) await slices.rest();
      const content = await this.#read(path, stamp, slices);
      if (content === undefined) return false;
      this.#put(path, stamp, content);
    }
    return true;
  }

  async assembled(slices: Slices): Promise<Assembled> {
    this.#assembled ??= await assemble(this.#contents, slices);
    return this.#assembled;
  }

  /** Of all contents: the same files give the same text. */
  digest(): string {
    this.#digest ??= sha256(
      [...this.#contents]
        .map(([path, content]) => `${path}\0${"digest" in content ? content.digest : ""}\n`)
        .sort()
        .join(""),
    );
    return this.#digest;
  }

  async #read(path: string, stamp: Stamp, slices: Slices): Promise<FileContent | Unreadable | undefined> {
    if (typeof stamp === "object") return stamp;
    try {
      const text = readStamped(this.#root, path, stamp);
      const before = this.#contents.get(path);
      const known = before && "digest" in before ? before : undefined;
      return text === undefined ? undefined : await parseFile(path, text, this.#parser, known, slices);
    } catch (error) {
      return isMissing(error) ? undefined : unreadable(error);
    }
  }

  #put(path: string, stamp: Stamp, content: FileContent | Unreadable): void {
    this.#stamps.set(path, stamp);
    this.#contents.set(path, content);
    this.#changed();
  }

  #forgetBelow(path: string, stamps: ReadonlyMap<string, Stamp>): void {
    const known = this.#stamps.has(path)
      ? [path]
      : [...this.#stamps.keys()].filter((file) => isBelow(file, path));
    for (const file of known) {
      if (stamps.has(file)) continue;
      this.#stamps.delete(file);
      this.#contents.delete(file);
      this.#changed();
    }
  }

  #changed(): void {
    this.#assembled = undefined;
    this.#digest = undefined;
  }
}

function isBelow(file: string, folder: string): boolean {
  return folder === "" || file.startsWith(`${folder}/`);
}
