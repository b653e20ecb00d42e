import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { ApiError, type ClusterApi } from "./api.ts";
import { delayAfter } from "./retry.ts";

/** Where a reflector puts what it sees. Its methods throw only for what the API server must not send. */
export interface Sink {
  /** Called before a list is begun. What it throws counts as a failure of the list. */
  prepare?(signal: AbortSignal): Promise<void>;
  /** Everything there is, at one moment. */
  replace(objects: readonly unknown[]): void;
  put(object: unknown): void;
  remove(object: unknown): void;
}

export interface ReflectorOptions {
  readonly api: ClusterApi;
  /** `/apis/rollcall.dev/v1alpha1/namespaces/acme/identities` */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly sink: Sink;
  /** Called whenever `state` is another. */
  readonly onState: () => void;
  /** Called with what went wrong, and how often it did in a row; it is tried again anyway. */
  readonly onTrouble?: (error: unknown, failures: number) => void;
  /** Milliseconds to wait after so many failures in a row. */
  readonly delay?: (failures: number, error: unknown) => number;
}

export type ReflectorState =
  /** It is being read, for the first time or anew: what the sink has may be of another time. */
  | { readonly status: "Syncing" }
  /** It was read in full, and is watched, or will be again: what the sink has was so at one moment. */
  | { readonly status: "Synced" }
  /** We may not read it, or it is not served at all: what the sink has is of before that. */
  | { readonly status: "Refused"; readonly reason: string; readonly isServed: boolean };

/** Objects a page: about a megabyte. */
const pageSize = 500;
/** Milliseconds, at most, between two tries, unless the server asks for more: what comes back is to be noticed. */
const slowest = 5_000;
/** Milliseconds: a watch that is back sooner has missed nothing that matters; longer than `slowest`, shorter than leadership lasts unseen. */
const blink = 7_000;
/** Milliseconds in which a watch that is back after longer has told what was missed: it comes with its first bytes. */
const catchUp = 1_000;
/** Milliseconds: a watch that ended sooner, without a word, is one that failed. */
const shortestWatch = 1_000;

/**
 * Keeps a sink in step with the objects of one kind: lists them in pages, then watches. When a watch ends it goes on from where it was;
 * when the server no longer knows that moment (410) everything is listed anew, and replaced at once. Whatever happens it is tried again,
 * until the signal given to `run` is aborted; meanwhile the sink keeps what it has.
 */
export class Reflector {
  readonly #options: ReflectorOptions;
  #state: ReflectorState = { status: "Syncing" };
  /** Up to which resourceVersion the sink is in step; undefined: a list is due. */
  #version: string | undefined;
  /** Aborted to end whatever is under way. */
  #interrupt = new AbortController();
  #pause: AbortController | undefined;
  #failures = 0;
  #cut = false;
  /** When, by the monotonic clock, the server was last known to tell what changes. */
  #toldAt = 0;
  /** Until when what was missed may still be on its way. */
  #caughtUpAt = 0;

  constructor(options: ReflectorOptions) {
    this.#options = options;
  }

  get state(): ReflectorState {
    return this.#state;
  }

  /** Whether nothing tells what changes, for longer than between two watches: what the sink has was so when the last one was cut. */
  get isCut(): boolean {
    const now = performance.now();
    return (this.#cut && now - this.#toldAt > blink) || now < this.#caughtUpAt;
  }

  /** Forgets where it was, and lists anew at once: what the sink has can no longer be relied on. */
  relist(): void {
    this.#version = undefined;
    this.#enter({ status: "Syncing" });
    this.#interrupt.abort();
  }

  /** Tries again at once what was refused. */
  hurry(): void {
    if (this.#state.status === "Refused") this.#pause?.abort();
  }

  /** Resolves once the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#interrupt.signal.aborted) this.#interrupt = new AbortController();
      const stop = AbortSignal.any([signal, this.#interrupt.signal]);
      try {
        if (this.#version === undefined) await this.#list(stop);
        await this.#watch(stop);
      } catch (error) {
        if (!stop.aborted) await this.#recover(error, stop);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { api, path, query, sink } = this.#options;
    await sink.prepare?.(signal);
    const items: unknown[] = [];
    let version: string | undefined;
    let next: string | undefined;
    do {
      const page = listPage.parse(
        await api.request({
          method: "GET",
          path,
          query: { ...query, limit: pageSize, continue: next },
          signal,
        }),
      );
      for (const item of page.items) items.push(item);
      version ??= page.metadata.resourceVersion;
      next = page.metadata.continue;
    } while (next);
    sink.replace(items);
    this.#version = version;
    this.#caughtUpAt = 0;
    this.#hears();
    this.#enter({ status: "Synced" });
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { api, path, query } = this.#options;
    const timeoutSeconds = Math.round(300 + 300 * Math.random());
    const began = performance.now();
    let heard = false;
    const watching = { ...query, allowWatchBookmarks: true, timeoutSeconds, resourceVersion: this.#version };
    const opened = () => {
      if (this.isCut) this.#caughtUpAt = performance.now() + catchUp;
      this.#hears();
    };
    try {
      for await (const value of api.watch({ path, query: watching, signal, opened })) {
        signal.throwIfAborted();
        this.#take(watchEvent.parse(value));
        this.#failures = 0;
        this.#hears();
        heard = true;
      }
    } finally {
      // That a list succeeded is no reason: where each watch fails, everything would be listed again and again without a rest.
      if (performance.now() - began >= shortestWatch) this.#failures = 0;
    }
    if (!heard && performance.now() - began < shortestWatch) {
      throw new ApiError(0, "Unreachable", `the watch of ${path} ended as soon as it had begun`);
    }
  }

  #hears(): void {
    this.#cut = false;
    this.#toldAt = performance.now();
  }

  #take({ type, object }: z.infer<typeof watchEvent>): void {
    const { sink } = this.#options;
    if (type === "ERROR") throw failureOf(object);
    if (type === "ADDED" || type === "MODIFIED") sink.put(object);
    if (type === "DELETED") sink.remove(object);
    this.#version = versioned.parse(object).metadata.resourceVersion;
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const { onTrouble, delay = delayAfter } = this.#options;
    this.#failures += 1;
    this.#cut = true;
    const status = error instanceof ApiError ? error.status : undefined;
    if (!keepsPlace(status)) this.#version = undefined;
    if (status === 403 || status === 404)
      this.#enter({ status: "Refused", reason: (error as ApiError).message, isServed: status === 403 });
    onTrouble?.(error, this.#failures);
    // Nothing is wrong with a watch that has expired.
    const wait = status === 410 && this.#failures === 1 ? 0 : delay(this.#failures, error);
    const asked = error instanceof ApiError ? (error.retryAfter ?? 0) : 0;
    this.#pause = new AbortController();
    const end = AbortSignal.any([signal, this.#pause.signal]);
    await sleep(Math.max(asked, Math.min(wait, slowest)), undefined, { signal: end }).catch(() => {});
    this.#pause = undefined;
  }

  #enter(state: ReflectorState): void {
    const before = this.#state;
    this.#state = state;
    const same = before.status === state.status && reasonOf(before) === reasonOf(state);
    if (!same) this.#options.onState();
  }
}

/** Whether a watch can go on from where it was. After an answer that makes no sense only a list tells what is there. */
function keepsPlace(status: number | undefined): boolean {
  return status === 0 || status === 401 || status === 429 || (status !== undefined && status >= 500);
}

function reasonOf(state: ReflectorState): string | undefined {
  return state.status === "Refused" ? state.reason : undefined;
}

const listPage = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().optional() }),
  items: z
    .array(z.unknown())
    .nullish()
    .transform((items) => items ?? []),
});

const watchEvent = z.object({
  type: z.enum(["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]),
  object: z.unknown().optional(),
});

const versioned = z.object({ metadata: z.object({ resourceVersion: z.string() }) });
const failure = z.object({
  code: z.number().default(500),
  reason: z.string().default(""),
  message: z.string().default(""),
});

/** An ERROR event ends a watch for good: whatever it says, the way on is a list. */
function failureOf(object: unknown): ApiError {
  const { code, reason, message } = failure.parse(object);
  return new ApiError(410, reason, `the watch has ended: ${message} (${code})`);
}
