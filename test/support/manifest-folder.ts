import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { stringify } from "yaml";
import { type Folder, makeFolder } from "./folder.ts";
import type { Manifest } from "./world.ts";

/** The memory connector's file. */
export interface StoreContent {
  readonly accounts: readonly { name: string; enabled: boolean; attributes: Record<string, string[]> }[];
}

/**
 * Manifests in a throwaway folder, with a memory store in a file and a place for a state beside them. Each file is replaced as a whole: a
 * controller that reads while a test writes sees the old one or the new one, and never half of it.
 */
export class ManifestFolder implements AsyncDisposable {
  readonly #folder: Folder;
  /** What commands have to be told: -f, --state and, where they open stores, --root. */
  readonly words: readonly string[];
  readonly stateWords: readonly string[];

  private constructor(folder: Folder) {
    this.#folder = folder;
    this.stateWords = ["-f", this.at("manifests"), "--state", this.at("state.db")];
    this.words = [...this.stateWords, "--root", folder.path];
  }

  static async make(...manifests: readonly Manifest[]): Promise<ManifestFolder> {
    const made = new ManifestFolder(await makeFolder("manifests"));
    await mkdir(made.at("manifests"));
    await made.writeStore({ accounts: [] });
    await made.write(...manifests);
    return made;
  }

  at(name: string): string {
    return join(this.#folder.path, name);
  }

  /** One file an object; a memory store is put into the folder's store file. */
  async write(...manifests: readonly Manifest[]): Promise<void> {
    for (const { kind, name, spec } of manifests) {
      const placed = kind === "Store" && spec.memory ? { ...spec, memory: { file: "store.json" } } : spec;
      const object = { apiVersion: "rollcall.dev/v1alpha1", kind, metadata: { name }, spec: placed };
      await this.writeFile(this.#file(kind, name), stringify(object));
    }
  }

  async writeFile(name: string, text: string): Promise<void> {
    const aside = this.at(`.${basename(name)}`);
    await writeFile(aside, text);
    await rename(aside, this.at(name));
  }

  async remove(kind: string, name: string): Promise<void> {
    await rm(this.at(this.#file(kind, name)));
  }

  async store(): Promise<StoreContent> {
    return JSON.parse(await readFile(this.at("store.json"), "utf8"));
  }

  async writeStore(content: Readonly<Record<string, unknown>>): Promise<void> {
    await this.writeFile("store.json", JSON.stringify(content));
  }

  /** The account whose name begins with `uid=…`. */
  async account(uid: string): Promise<StoreContent["accounts"][number] | undefined> {
    return (await this.store()).accounts.find(({ name }) => name.startsWith(`uid=${uid},`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder.remove();
  }

  #file(kind: string, name: string): string {
    return `manifests/${kind}-${name}.yaml`;
  }
}
