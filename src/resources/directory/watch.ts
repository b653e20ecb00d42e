import { type FSWatcher, readdirSync, realpathSync, watch } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { isFolder, isManifestName } from "./files.ts";
import { gitFolder, gitSignals } from "./git.ts";

/** Milliseconds until everything is looked at again: soon where the system cannot watch, else for what it may have missed. */
const lookAgain = { unwatched: 5_000, watched: 600_000 };

/** A path that may have changed, relative to the folder; the empty one is all of it; undefined: what Git is doing may have. */
type Note = (path: string | undefined) => void;

/**
 * Tells what may have changed in a folder. One watch a folder: Node's own recursive watch takes one a file, of which a system
 * allows few.
 */
export class FolderWatch {
  readonly #folder: string;
  readonly #note: Note;
  readonly #watchers = new Map<string, FSWatcher>();
  #root = "";
  #timer: NodeJS.Timeout | undefined;

  constructor(folder: string, note: Note) {
    this.#folder = resolve(folder);
    this.#note = note;
  }

  start(): void {
    this.stop();
    let pace = lookAgain.watched;
    try {
      // A checkout is swapped by turning a link, or by renaming the folder.
      this.#watch(dirname(this.#folder), (name) => name === basename(this.#folder) && this.#startOver());
      this.#root = realpathSync(this.#folder);
      this.#watchTree("");
      const git = gitFolder(this.#root);
      if (git) this.#watch(git, (name) => gitSignals.has(name) && this.#note(undefined));
    } catch {
      // The folder is missing, or the system's watches are used up.
      pace = lookAgain.unwatched;
    }
    this.#timer = setTimeout(() => this.#startOver(), pace).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    for (const path of [...this.#watchers.keys()]) this.#unwatch(path);
  }

  #startOver(): void {
    this.start();
    this.#note("");
  }

  #onEntry(path: string): void {
    if (basename(path).startsWith(".")) return;
    const known = this.#watchers.has(join(this.#root, path));
    const folder = isFolder(this.#root, path);
    if (known) this.#unwatchTree(path);
    if (known || folder || isManifestName(path)) this.#note(path);
    if (folder) this.#watchNew(path);
  }

  #watchNew(path: string): void {
    try {
      this.#watchTree(path);
    } catch {
      this.#startOver();
    }
  }

  /** Watched first, then listed, so that nothing comes in between unseen. */
  #watchTree(path: string): void {
    this.#watch(join(this.#root, path), (name) => this.#onEntry(join(path, name)));
    for (const entry of readdirSync(join(this.#root, path), { withFileTypes: true })) {
      if (entry.isDirectory() && !entry.name.startsWith(".")) this.#watchTree(join(path, entry.name));
    }
  }

  #unwatchTree(path: string): void {
    const top = join(this.#root, path);
    for (const watched of [...this.#watchers.keys()]) {
      if (watched === top || watched.startsWith(`${top}/`)) this.#unwatch(watched);
    }
  }

  #watch(path: string, onName: (name: string) => void): void {
    this.#unwatch(path);
    const watcher = watch(path, (_, name) => (name === null ? this.#startOver() : onName(name)));
    // It went away: whoever watches the folder above is told as well.
    watcher.on("error", () => this.#unwatch(path));
    this.#watchers.set(path, watcher);
  }

  #unwatch(path: string): void {
    this.#watchers.get(path)?.close();
    this.#watchers.delete(path);
  }
}
