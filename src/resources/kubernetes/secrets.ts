import { z } from "zod";
import type { ClusterApi } from "./api.ts";
import { type ObjectMeta, parseMeta } from "./objects.ts";
import { Reflector, type Sink } from "./reflector.ts";

export interface SecretReference {
  readonly name: string;
  readonly key: string;
}

/** A Secret says by this label or annotation which Store may use it: whoever may write Stores may not thereby read every Secret. */
const storeMark = "rollcall.dev/store";

interface Secret {
  readonly metadata: ObjectMeta;
  /** In base64, as it came. */
  readonly data: Readonly<Record<string, string>>;
}

interface Watched {
  readonly reflector: Reflector;
  readonly stop: AbortController;
  secret: Secret | undefined;
}

export interface SecretsOptions {
  readonly api: ClusterApi;
  readonly namespace: string;
  readonly signal: AbortSignal;
  /** Called when a Secret is another, or is read at last. */
  readonly onChange: () => void;
}

/** A namespace's Secrets, those alone that are referred to: each is watched by its name, which RBAC can allow one by one. */
export class Secrets {
  readonly #options: SecretsOptions;
  readonly #watched = new Map<string, Watched>();
  /** Names that no Store's manifest has: of passwords, which expressions give. */
  readonly #asked = new Set<string>();

  constructor(options: SecretsOptions) {
    this.#options = options;
  }

  /** Watches these and those that were asked for, and no longer any other. */
  keep(names: ReadonlySet<string>): void {
    for (const name of names) this.#asked.delete(name);
    for (const [name, { stop }] of this.#watched) {
      if (names.has(name) || this.#asked.has(name)) continue;
      stop.abort();
      this.#watched.delete(name);
    }
    for (const name of names) this.#watch(name);
  }

  /** Whether each was read, or was refused. */
  get settled(): boolean {
    return this.#watched.values().every(({ reflector }) => reflector.state.status !== "Syncing");
  }

  /** Another text when the Secret is another. */
  version(name: string): string {
    const { uid, resourceVersion } = this.#watched.get(name)?.secret?.metadata ?? {};
    return uid === undefined ? `${name}=` : `${name}=${uid}/${resourceVersion}`;
  }

  /** The same of all that were asked for. */
  askedVersions(): string[] {
    return [...this.#asked].sort().map((name) => this.version(name));
  }

  /** Watches it from now on, and tells whether it was read or refused. */
  isSettled(name: string): boolean {
    this.#asked.add(name);
    return this.#watch(name).reflector.state.status !== "Syncing";
  }

  /** The value of a key. Throws what to do, in words fit for whoever wrote the Store. */
  value({ name, key }: SecretReference, store: string): string {
    const { secret, reflector } = this.#watch(name);
    const { namespace } = this.#options;
    if (reflector.state.status === "Refused")
      throw new Error(`${reflector.state.reason} (with the chart: add ${name} to secrets.names)`);
    if (secret === undefined) {
      throw new Error(`cannot find Secret ${name} in namespace ${namespace}: create it, with the key ${key}`);
    }
    const { labels, annotations } = secret.metadata;
    if (labels?.[storeMark] !== store && annotations?.[storeMark] !== store) {
      throw new Error(`cannot use Secret ${name} for Store ${store}: label it ${storeMark}=${store}`);
    }
    const value = secret.data[key];
    if (value !== undefined) return Buffer.from(value, "base64").toString("utf8");
    const keys = Object.keys(secret.data).join(", ") || "none";
    throw new Error(`cannot find the key ${key} in Secret ${name}: add it, or name another (${keys})`);
  }

  #watch(name: string): Watched {
    const known = this.#watched.get(name);
    if (known) return known;
    const { api, namespace, onChange, signal } = this.#options;
    const stop = new AbortController();
    const set = (secret: Secret | undefined) => {
      watched.secret = secret;
      onChange();
    };
    const sink: Sink = {
      replace: ([object]) => set(object === undefined ? undefined : parseSecret(object)),
      put: (object) => set(parseSecret(object)),
      remove: () => set(undefined),
    };
    const reflector = new Reflector({
      api,
      path: `/api/v1/namespaces/${namespace}/secrets`,
      query: { fieldSelector: `metadata.name=${name}` },
      sink,
      onState: onChange,
    });
    const watched: Watched = { reflector, stop, secret: undefined };
    this.#watched.set(name, watched);
    void reflector.run(AbortSignal.any([signal, stop.signal]));
    return watched;
  }
}

const secretData = z.object({ data: z.record(z.string(), z.string()).nullish() });

function parseSecret(value: unknown): Secret {
  return { metadata: parseMeta(value), data: secretData.parse(value).data ?? {} };
}

/** Names of the Secrets that a Store's spec refers to, wherever in it. */
export function secretNames(spec: unknown): string[] {
  if (spec === null || typeof spec !== "object") return [];
  const { data: found } = reference.safeParse(spec);
  return [...(found ? [found.secretKeyRef.name] : []), ...Object.values(spec).flatMap(secretNames)];
}

const reference = z.object({ secretKeyRef: z.object({ name: z.string() }) });
