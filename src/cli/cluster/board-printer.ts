import type { ApiKindName } from "../../core/kinds/kinds.ts";
import type { Snapshot } from "../../core/kinds/resource.ts";
import { type AnyStatus, statusSchemas } from "../../core/kinds/status.ts";
import { sameStatus } from "../../report/cluster/conditions.ts";
import { type Note, transitionNote } from "../../report/cluster/notes.ts";
import type { ClusterResources } from "../../resources/kubernetes/cluster-resources.ts";
import type { Publisher } from "../../resources/kubernetes/publisher.ts";
import { keyOf } from "./board-changes.ts";
import { generationOf, type Seen } from "./board-views.ts";

export interface BoardPrinterParts {
  readonly resources: Pick<ClusterResources, "object">;
  readonly publisher: Pick<Publisher, "status" | "event">;
  /** Whether nobody else can lead: a status that waited longer than that is never written over the next leader's. */
  readonly leads: () => boolean;
  readonly now: () => number;
}

/** Of these there may be thousands. */
const numerous: ReadonlySet<ApiKindName> = new Set<ApiKindName>(["Identity", "ProvisioningTask"]);
/** Events about those a minute: of more at once the Target's own Event is enough. */
const mostEvents = 50;

/** Compares statuses with what the API server has, and hands on those that differ. */
export class BoardPrinter {
  readonly #parts: BoardPrinterParts;
  /** What was handed on and is not seen yet, with the version that was seen then, by `Kind/name`. */
  readonly #sent = new Map<string, { readonly status: AnyStatus; readonly over: string }>();
  /** The last Event of each object, so that none is repeated. */
  readonly #told = new Map<string, string>();
  #minute = 0;
  #events = 0;

  constructor(parts: BoardPrinterParts) {
    this.#parts = parts;
  }

  /** An object as it is to be compared; undefined where there is none to write to. */
  see(snapshot: Snapshot, kind: ApiKindName, name: string): Seen | undefined {
    const key = keyOf(kind, name);
    const object = this.#parts.resources.object(kind, name);
    const generation = object && generationOf(snapshot, kind, object);
    if (!object || generation === undefined) {
      this.#sent.delete(key);
      if (!object) this.#told.delete(key);
      return undefined;
    }
    const sent = this.#sent.get(key);
    const isWaiting = sent?.over === object.metadata.resourceVersion;
    if (sent && !isWaiting) this.#sent.delete(key);
    const previous = isWaiting
      ? sent.status
      : (statusSchemas[kind].safeParse(object.status).data as AnyStatus | undefined);
    return { kind, object, generation, previous };
  }

  /** Hands on a status that says something else than the one before. */
  print({ kind, object, previous }: Seen, status: AnyStatus, now: number): void {
    const { name, namespace, uid, resourceVersion } = object.metadata;
    if (previous && sameStatus(previous, status)) return;
    const key = keyOf(kind, name);
    this.#sent.set(key, { status, over: resourceVersion });
    const { publisher, resources, leads } = this.#parts;
    publisher.status({
      object: { kind, namespace, name, uid },
      status,
      seen: () => (leads() ? resources.object(kind, name)?.metadata : undefined),
      dropped: () => this.#sent.delete(key),
    });
    const note = transitionNote(previous, status);
    if (note && (!numerous.has(kind) || this.mayTell(now))) this.note(kind, name, note);
  }

  /** Makes an Event of it, unless it is what was last told of the object. */
  note(kind: ApiKindName, name: string, { type, reason, note }: Note): void {
    const object = this.#parts.resources.object(kind, name);
    const key = keyOf(kind, name);
    const text = `${reason} ${note}`;
    if (!object || (type === "Warning" && this.#told.get(key) === text)) return;
    if (type === "Warning") this.#told.set(key, text);
    else this.#told.delete(key);
    const { namespace, uid } = object.metadata;
    this.#parts.publisher.event({
      object: { kind, namespace, name, uid },
      ...{ type, reason, note, action: "Reconcile", at: this.#parts.now() },
    });
  }

  /** Whether one more Event about one of many objects may be made now (ms). */
  mayTell(now: number): boolean {
    const minute = Math.floor(now / 60_000);
    if (minute !== this.#minute) [this.#minute, this.#events] = [minute, 0];
    return this.#events++ < mostEvents;
  }
}
