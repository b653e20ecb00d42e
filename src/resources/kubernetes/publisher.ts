import { apiVersion, plurals } from "../../core/kinds/kinds.ts";
import type { ApiRequest, ClusterApi } from "./api.ts";
import { type EventNote, eventRequest, type ObjectId } from "./events.ts";
import { Outbox } from "./outbox.ts";

/** A whole status: what it leaves out and we wrote earlier is taken away. */
export interface StatusWrite {
  readonly object: ObjectId;
  readonly status: object;
  /** The object as last seen; undefined where it is gone. */
  readonly seen: () => { readonly uid: string; readonly resourceVersion: string } | undefined;
  /** It is not written: the object is gone or another by now, or the API server does not take it. */
  readonly dropped?: () => void;
}

/** A whole object of ours that is to be made, changed or removed. */
export interface ObjectWrite {
  readonly object: Pick<ObjectId, "kind" | "namespace" | "name">;
  /** Made anew for each try; undefined where there is nothing to be done any longer. */
  readonly request: () => ApiRequest | undefined;
  /** It is not done. */
  readonly dropped: () => void;
}

export interface PublisherOptions {
  /** Who writes Events: the pod's name. At most 128 characters. */
  readonly instance: string;
  /** Random and unique. */
  readonly newId: () => string;
  /** Told of what the API server does not take, for the log. */
  readonly refused: (error: Error) => void;
}

/** Who owns the fields of our statuses (KEP-555, server-side apply). */
export const fieldManager = "rollcall";

/** Events that wait to be sent: more are left out, they are but a courtesy. */
const mostEvents = 1000;

/**
 * Writes statuses, objects and Events to the API server, which may be slow or away: nobody waits for it. The newest status of an object
 * replaces one that has not been sent; an object that was made anew never gets the status of the one before.
 */
export class Publisher {
  readonly #objects: Outbox;
  readonly #statuses: Outbox;
  readonly #events: Outbox;
  readonly #options: PublisherOptions;

  constructor(api: ClusterApi, options: PublisherOptions) {
    this.#objects = new Outbox(api);
    this.#statuses = new Outbox(api);
    this.#events = new Outbox(api);
    this.#options = options;
  }

  /** What has not arrived. */
  get waiting(): number {
    return this.#objects.size + this.#statuses.size + this.#events.size;
  }

  /** The newest write of an object replaces one that has not been sent. */
  object({ object: { kind, namespace, name }, request, dropped }: ObjectWrite): void {
    this.#objects.put(`${namespace}/${kind}/${name}`, {
      request,
      lost: (error) => {
        dropped();
        this.#refused(error);
      },
    });
  }

  status({ object, status, seen, dropped = () => {} }: StatusWrite): void {
    const { kind, namespace, name, uid } = object;
    const path = `/apis/${apiVersion}/namespaces/${namespace}/${plurals[kind]}/${name}/status`;
    this.#statuses.put(`${namespace}/${kind}/${name}`, {
      request: () => {
        const now = seen();
        if (now?.uid !== uid) {
          dropped();
          return undefined;
        }
        // Only the version tells the API server which object is meant: it ignores the uid of what is applied to a status.
        const metadata = { name, namespace, resourceVersion: now.resourceVersion };
        return {
          method: "PATCH",
          path,
          query: { fieldManager, force: true },
          contentType: "application/apply-patch+yaml",
          // The answer says nothing new: the smallest will do.
          accept: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
          body: { apiVersion, kind, metadata, status },
        };
      },
      lost: (error) => {
        dropped();
        this.#refused(error);
      },
    });
  }

  event(note: EventNote): void {
    if (this.#events.size >= mostEvents) return;
    const { instance, newId } = this.#options;
    const id = newId();
    const request = eventRequest(note, { id, instance });
    this.#events.put(id, { request: () => request, lost: (error) => this.#refused(error) });
  }

  /** Resolves when all has arrived, or was dropped. */
  async flush(): Promise<void> {
    await Promise.all([this.#objects.flush(), this.#statuses.flush(), this.#events.flush()]);
  }

  close(): void {
    this.#objects.close();
    this.#statuses.close();
    this.#events.close();
  }

  #refused(error: unknown): void {
    if (isGone(error)) return;
    this.#options.refused(error instanceof Error ? error : new Error(String(error)));
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && "status" in error && error.status === 404;
}
