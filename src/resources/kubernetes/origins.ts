import { z } from "zod";
import { apiVersion, type KindName, plurals } from "../../core/kinds/kinds.ts";
import { ApiError, type ClusterApi } from "./api.ts";
import { type ObjectMeta, parseMeta } from "./objects.ts";
import { retrying } from "./retry.ts";

/** What a look at a namespace and at kinds' definitions tells of objects that are missing. */
export type Proof =
  /** Both are what they were when the objects were read: who is missing was taken out of them. */
  | { readonly status: "Gone" }
  | { readonly status: "Unproven"; readonly reason: string }
  /** These kinds were made anew, or their namespace was: what is known of them is of before that. */
  | { readonly status: "Moved"; readonly kinds: readonly KindName[] };

const group = apiVersion.split("/")[0];

/**
 * Tells an object that somebody deleted from one that went with its namespace or its kind's definition. What was listed is bound to the
 * uids that these had *before* the list began, so an object is never thought to be of a later one than it is; absence is proven by
 * uids seen *after* it. Both are never given twice. What the objects were selected by belongs to where they are from: whom another
 * selector leaves out was not deleted.
 */
export class Origins {
  readonly #api: ClusterApi;
  readonly #selector: string | undefined;
  /** By `Identity/acme`: uids of definition and namespace, and the selector. */
  readonly #bound = new Map<string, string>();
  /** Definitions of kinds that were listed in all namespaces. */
  readonly #definitions = new Map<KindName, ObjectMeta | undefined>();

  constructor(api: ClusterApi, selector?: string) {
    this.#api = api;
    this.#selector = selector;
  }

  /**
   * To be awaited before a list of a kind, in one namespace or in all, begins. What it returns is to be called in the moment in which
   * the list takes the place of what was known before.
   */
  async look(kind: KindName, namespace: string | undefined, signal: AbortSignal): Promise<() => void> {
    const definition = await unlessRefused(this.#definition(kind, signal));
    const holders =
      namespace === undefined
        ? await unlessRefused(this.#namespaces(signal))
        : [await unlessRefused(this.#namespace(namespace, signal))];
    return () => {
      for (const key of this.#bound.keys()) if (isOf(key, kind, namespace)) this.#bound.delete(key);
      if (namespace === undefined) this.#definitions.set(kind, definition);
      for (const holder of holders ?? []) if (holder) this.#bind(kind, holder, definition);
    };
  }

  /**
   * To be awaited before a namespace's origins are asked for: it may have been made after all namespaces were listed. (That it was made
   * twice since then, and objects of the first are still seen, is the one case in which they are thought to be of the second.)
   */
  async welcome(namespace: string, signal?: AbortSignal): Promise<void> {
    const strange = [...this.#definitions].filter(
      ([kind, definition]) => definition !== undefined && this.origin(kind, namespace) === undefined,
    );
    if (strange.length === 0) return;
    const holder = await unlessRefused(this.#namespace(namespace, signal));
    if (holder) for (const [kind, definition] of strange) this.#bind(kind, holder, definition);
  }

  /** Undefined where we may not know it, or there is none. */
  origin(kind: KindName, namespace: string): string | undefined {
    return this.#bound.get(`${kind}/${namespace}`);
  }

  /**
   * Whether what is missing of these kinds is gone. `origins` are those of the reading in which it is missing: a list may have come
   * in between.
   */
  async prove(
    kinds: readonly KindName[],
    namespace: string,
    origins: ReadonlyMap<KindName, string>,
    signal?: AbortSignal,
  ): Promise<Proof> {
    try {
      const [holder, ...definitions] = await Promise.all([
        this.#namespace(namespace, signal),
        ...kinds.map((kind) => this.#definition(kind, signal)),
      ]);
      if (holder.deletionTimestamp !== undefined) return unproven(`namespace ${namespace} is being deleted`);
      const dying = kinds[definitions.findIndex(({ deletionTimestamp }) => deletionTimestamp !== undefined)];
      if (dying !== undefined) return unproven(`the definition of ${dying} is being deleted`);
      const moved = kinds.filter(
        (kind, index) => origins.get(kind) !== this.#originOf(definitions[index]!, holder),
      );
      return moved.length === 0 ? { status: "Gone" } : { status: "Moved", kinds: moved };
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof ApiError)) throw error;
      return unproven(`it cannot be seen whether what is missing is gone: ${error.message}`);
    }
  }

  #bind(kind: KindName, holder: ObjectMeta, definition: ObjectMeta | undefined): void {
    if (definition) this.#bound.set(`${kind}/${holder.name}`, this.#originOf(definition, holder));
  }

  #originOf(definition: ObjectMeta, holder: ObjectMeta): string {
    return [definition.uid, holder.uid, ...(this.#selector ? [this.#selector] : [])].join("/");
  }

  #definition(kind: KindName, signal?: AbortSignal): Promise<ObjectMeta> {
    const name = `${plurals[kind]}.${group}`;
    return this.#meta(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`, signal);
  }

  #namespace(name: string, signal?: AbortSignal): Promise<ObjectMeta> {
    return this.#meta(`/api/v1/namespaces/${name}`, signal);
  }

  async #meta(path: string, signal?: AbortSignal): Promise<ObjectMeta> {
    return parseMeta(await this.#get(path, "PartialObjectMetadata", signal));
  }

  async #namespaces(signal: AbortSignal): Promise<ObjectMeta[]> {
    const answer = await this.#get("/api/v1/namespaces", "PartialObjectMetadataList", signal);
    return metaList.parse(answer).items.map(parseMeta);
  }

  /** A definition's schema is large, and none of our business here. */
  #get(path: string, as: string, signal?: AbortSignal): Promise<unknown> {
    const accept = `application/json;as=${as};g=meta.k8s.io;v=v1`;
    const given = signal && { signal };
    return retrying(() => this.#api.request({ method: "GET", path, accept, ...given }), {
      ...given,
      tries: 3,
    });
  }
}

const metaList = z.object({ items: z.array(z.unknown()) });

function isOf(key: string, kind: KindName, namespace: string | undefined): boolean {
  return namespace === undefined ? key.startsWith(`${kind}/`) : key === `${kind}/${namespace}`;
}

function unproven(reason: string): Proof {
  return { status: "Unproven", reason };
}

/** Not to see where objects lie does not hinder reading them: it is told when one of them is missing. */
async function unlessRefused<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return undefined;
    throw error;
  }
}
