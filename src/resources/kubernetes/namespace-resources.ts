import { EventEmitter, once } from "node:events";
import {
  type ApiKindName,
  isManifestKind,
  type KindName,
  kindNames,
  plurals,
} from "../../core/kinds/kinds.ts";
import { type TaskAnswer, taskAnswer, taskSpec } from "../../core/kinds/provisioning-task.ts";
import type { AnyResource, Problem, Resource } from "../../core/kinds/resource.ts";
import type { Complete, Reading } from "../resources.ts";
import type { ClusterResources } from "./cluster-resources.ts";
import type { NamespaceObjects } from "./namespace-objects.ts";
import type { ClusterObject } from "./objects.ts";
import type { Origins, Proof } from "./origins.ts";
import type { Reflector } from "./reflector.ts";
import { type SecretReference, type Secrets, secretNames } from "./secrets.ts";

export interface NamespaceResourcesOptions {
  readonly place: string;
  readonly namespace: string;
  readonly objects: NamespaceObjects;
  readonly reflectors: ReadonlyMap<ApiKindName, Reflector>;
  readonly origins: Origins;
  readonly secrets: Secrets;
  /** Milliseconds after which it is tried again to prove an absence. */
  readonly delay: (failures: number, error: unknown) => number;
}

/** Milliseconds for which a store's connection waits for a Secret. */
const secretWithin = 20_000;

/** One namespace as the controller reads it. */
export class NamespaceResources implements ClusterResources {
  readonly place: string;
  readonly #options: NamespaceResourcesOptions;
  readonly #watchers = new Set<() => void>();
  readonly #events = new EventEmitter().setMaxListeners(0);
  /** One reading at a time: what is missing is proven by one of them. */
  #turn: Promise<unknown> = Promise.resolve();
  #told = false;
  #unproven = 0;
  #again: NodeJS.Timeout | undefined;

  constructor(options: NamespaceResourcesOptions) {
    this.#options = options;
    this.place = options.place;
  }

  /** Something is another than before. Told on, once for all that comes in the same turn of the event loop. */
  changed(): void {
    this.#events.emit("changed");
    if (this.#told) return;
    this.#told = true;
    setImmediate(() => {
      this.#told = false;
      for (const onChange of this.#watchers) onChange();
    });
  }

  async watch(onChange: () => void, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#watchers.add(onChange);
    signal.addEventListener("abort", () => this.#watchers.delete(onChange), { once: true });
  }

  object(kind: string, name: string): ClusterObject | undefined {
    return kind in plurals ? this.#options.objects.get(kind as ApiKindName, name) : undefined;
  }

  approvals(): readonly ClusterObject[] | undefined {
    return this.#all("Approval");
  }

  tasks(): readonly ClusterObject[] | undefined {
    return this.#all("ProvisioningTask");
  }

  cut(): string | undefined {
    for (const [kind, { state, isCut }] of this.#options.reflectors)
      if (state.status === "Synced" && isCut)
        return `the watch of ${kind} was cut, what changed since is not known`;
    return undefined;
  }

  async secret(reference: SecretReference, store: string): Promise<string> {
    const { secrets, namespace } = this.#options;
    const { name } = reference;
    try {
      await this.#until(() => secrets.isSettled(name), AbortSignal.timeout(secretWithin));
    } catch (cause) {
      const why = `no answer within ${secretWithin / 1000} s, see that the API server is up`;
      throw new Error(`cannot read Secret ${name} in namespace ${namespace}: ${why}`, { cause });
    }
    return secrets.value(reference, store);
  }

  /** Resolves once every kind was read or refused: what is missing is not gone before that. */
  read(signal?: AbortSignal): Promise<Reading> {
    const reading = this.#turn.then(() => this.#read(signal));
    this.#turn = reading.catch(() => {});
    return reading;
  }

  async #read(signal: AbortSignal | undefined): Promise<Reading> {
    const { objects, origins, namespace, reflectors } = this.#options;
    for (;;) {
      await this.#settle(signal);
      // From here on nothing is waited for until the reading is put together: it is of one moment.
      const reading = this.#assemble();
      const missing = objects.takeMissing();
      const proven = missing.filter((kind) => !reading.unread.has(kind));
      const left = new Set<KindName>(missing);
      try {
        const proof =
          proven.length === 0 ? gone : await origins.prove(proven, namespace, reading.origins, signal);
        if (proof.status === "Moved") {
          for (const kind of proof.kinds) reflectors.get(kind)?.relist();
          continue;
        }
        if (proof.status === "Gone") for (const kind of proven) left.delete(kind);
        const cut = this.cut();
        // Who is missing may be back, and nobody told: a leader that was cut off must not finish what it had begun to conclude.
        const sure = cut === undefined ? proof : { status: "Unproven" as const, reason: cut };
        return { ...reading, complete: this.#completeness(sure) };
      } finally {
        objects.giveBack([...left]);
      }
    }
  }

  /** Waits until all kinds and the Secrets of all Stores were read or refused, and everything is parsed. */
  async #settle(signal: AbortSignal | undefined): Promise<void> {
    const { objects, origins, namespace, reflectors, secrets } = this.#options;
    const isRead = () => reflectors.values().every(({ state }) => state.status !== "Syncing");
    do {
      await this.#until(isRead, signal);
      await origins.welcome(namespace, signal);
      await objects.parse(signal);
      secrets.keep(new Set(this.#stores().flatMap(({ spec }) => secretNames(spec))));
      await this.#until(() => secrets.settled, signal);
    } while (!isRead() || !objects.isParsed);
  }

  async #until(condition: () => boolean, signal?: AbortSignal): Promise<void> {
    while (!condition()) await once(this.#events, "changed", signal && { signal });
  }

  #assemble(): Omit<Reading, "complete"> {
    const { namespace, objects, origins } = this.#options;
    const { unread, problems } = this.#refusals();
    const resources: Resource[] = [];
    const invalid = new Map<string, string>();
    const held = new Map<KindName, string>();
    for (const kind of kindNames) {
      if (unread.has(kind)) continue;
      const origin = origins.origin(kind, namespace);
      if (origin !== undefined) held.set(kind, origin);
      for (const [name, verdict] of objects.verdicts(kind)) {
        if ("resource" in verdict) resources.push(this.#withSecrets(verdict.resource));
        else invalid.set(`${kind}/${name}`, verdict.invalid);
        for (const problem of verdict.problems) problems.push(problem);
      }
    }
    const revision = `resourceVersion:${objects.newest}`;
    const answers = this.#answers();
    return { realm: namespace, resources, answers, invalid, problems, unread, origins: held, revision };
  }

  #all(kind: ApiKindName): readonly ClusterObject[] | undefined {
    const isRead = this.#options.reflectors.get(kind)?.state.status === "Synced";
    return isRead ? this.#options.objects.all(kind) : undefined;
  }

  #answers(): TaskAnswer[] {
    return this.#options.objects.all("ProvisioningTask").flatMap(({ metadata, spec }) => {
      const { data } = taskSpec.safeParse(spec);
      return (data && taskAnswer(metadata.name, data, `${metadata.uid}/${metadata.generation}`)) ?? [];
    });
  }

  #refusals(): { unread: Map<KindName, string>; problems: Problem[] } {
    const unread = new Map<KindName, string>();
    const problems: Problem[] = [];
    for (const [kind, { state }] of this.#options.reflectors) {
      if (state.status !== "Refused") continue;
      if (isManifestKind(kind)) unread.set(kind, state.reason);
      else problems.push({ kind, message: state.reason, severity: "Warning" });
    }
    return { unread, problems };
  }

  /**
   * A Store is another when a Secret is that it refers to: it is connected to anew. A Target is that reads passwords from Secrets, when one
   * of them is: it is looked at anew.
   */
  #withSecrets(resource: Resource): Resource {
    const versions = this.#versionsFor(resource);
    return versions.length === 0
      ? resource
      : { ...resource, digest: [resource.digest, ...versions].join(";") };
  }

  #versionsFor(resource: Resource): string[] {
    const { secrets } = this.#options;
    const { kind, spec } = resource as AnyResource;
    if (kind === "Store") return secretNames(spec).map((name) => secrets.version(name));
    return kind === "Target" && spec.passwords?.from?.secret ? secrets.askedVersions() : [];
  }

  #stores(): Resource[] {
    const verdicts = this.#options.objects.verdicts("Store");
    return [...verdicts].flatMap(([, verdict]) => ("resource" in verdict ? [verdict.resource] : []));
  }

  /** What could not be proven is looked at again after a while: nothing that we watch would tell. */
  #completeness(proof: Exclude<Proof, { status: "Moved" }>): Complete {
    clearTimeout(this.#again);
    if (proof.status === "Gone") {
      this.#unproven = 0;
      return { ok: true };
    }
    this.#unproven += 1;
    const wait = this.#options.delay(this.#unproven, undefined);
    this.#again = setTimeout(() => this.changed(), wait).unref();
    return { ok: false, reason: proof.reason };
  }
}

const gone: Proof = { status: "Gone" };
