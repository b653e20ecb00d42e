import { ApiError, type ApiRequest, type ClusterApi } from "./api.ts";
import { delayAfter, isPassing } from "./retry.ts";

/** Something that is to reach the API server sooner or later. */
export interface Letter {
  /** Made anew for each try; undefined where there is nothing to be sent any longer. */
  readonly request: () => ApiRequest | undefined;
  /** It could not be sent, and is not tried again. */
  readonly lost: (error: unknown) => void;
}

interface Entry {
  readonly key: string;
  readonly letter: Letter;
  readonly failures: number;
}

/** Requests under way at once: what one HTTP/2 connection carries well. */
const widest = 64;
/** Milliseconds until what met another's write is tried again: by then that has been told by the watch. */
const afterConflict = 100;
/** Tries of one letter that the server answers badly, again and again, while others pass. */
const mostTries = 12;
/** Tries of one that is forbidden: half a minute at least, in which an API server that has just started learns of the roles there are. */
const mostTriesForbidden = 8;

/**
 * Sends what is put here, without anybody having to wait for it. Of two letters with one key the newer replaces the older, so that it
 * never holds more than there are keys; never are two of one key under way. While the server does not answer, one try is made at a
 * time, ever more rarely.
 */
export class Outbox {
  readonly #api: ClusterApi;
  readonly #closed = new AbortController();
  readonly #ready = new Map<string, Entry>();
  readonly #resting = new Map<string, NodeJS.Timeout>();
  readonly #busy = new Set<string>();
  #width = widest;
  #troubles = 0;
  #pause: NodeJS.Timeout | undefined;
  #idle: (() => void)[] = [];

  constructor(api: ClusterApi) {
    this.#api = api;
  }

  /** Letters that have not arrived. */
  get size(): number {
    return this.#ready.size + this.#resting.size + this.#busy.size;
  }

  put(key: string, letter: Letter): void {
    clearTimeout(this.#resting.get(key));
    this.#resting.delete(key);
    this.#ready.set(key, { key, letter, failures: 0 });
    this.#pump();
  }

  /** Resolves when all has arrived, or is lost. */
  async flush(): Promise<void> {
    if (this.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Gives up what has not arrived. */
  close(): void {
    this.#closed.abort();
    clearTimeout(this.#pause);
    this.#pause = undefined;
    for (const timer of this.#resting.values()) clearTimeout(timer);
    this.#resting.clear();
    this.#ready.clear();
    this.#rest();
  }

  #pump(): void {
    if (this.#pause) return;
    for (const entry of this.#ready.values()) {
      if (this.#busy.size >= this.#width) return;
      // Its successor is sent when it has arrived: later ones may pass meanwhile.
      if (this.#busy.has(entry.key)) continue;
      this.#ready.delete(entry.key);
      this.#busy.add(entry.key);
      void this.#send(entry);
    }
    this.#rest();
  }

  async #send(entry: Entry): Promise<void> {
    try {
      const request = entry.letter.request();
      if (request) await this.#api.request({ ...request, signal: this.#closed.signal });
      this.#troubles = 0;
      this.#width = widest;
    } catch (error) {
      this.#failed(entry, error);
    }
    this.#busy.delete(entry.key);
    this.#pump();
  }

  #failed(entry: Entry, error: unknown): void {
    if (this.#closed.signal.aborted) return;
    if (isServerAway(error)) {
      this.#again(entry);
      if (this.#pause) return;
      this.#troubles++;
      this.#width = 1;
      this.#pause = setTimeout(() => this.#resume(), delayAfter(this.#troubles, error));
    } else if (mayPass(error) && entry.failures + 1 < triesAfter(error)) {
      this.#later({ ...entry, failures: entry.failures + 1 }, error);
    } else entry.letter.lost(error);
  }

  #later(entry: Entry, error: ApiError): void {
    if (this.#ready.has(entry.key)) return;
    const { key, failures } = entry;
    const delay = error.status === 409 ? afterConflict * failures : delayAfter(failures, error);
    const wake = () => {
      this.#resting.delete(key);
      this.#again(entry);
      this.#pump();
    };
    this.#resting.set(key, setTimeout(wake, delay));
  }

  #resume(): void {
    this.#pause = undefined;
    this.#pump();
  }

  /** What came meanwhile is newer. */
  #again(entry: Entry): void {
    if (!this.#ready.has(entry.key)) this.#ready.set(entry.key, entry);
  }

  #rest(): void {
    if (this.size > 0) return;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }
}

/** Nothing else would get through either. */
function isServerAway(error: unknown): error is ApiError {
  return error instanceof ApiError && [0, 429, 503, 504].includes(error.status);
}

function mayPass(error: unknown): error is ApiError {
  return isPassing(error) || (error instanceof ApiError && [403, 409].includes(error.status));
}

function triesAfter({ status }: ApiError): number {
  return status === 403 ? mostTriesForbidden : mostTries;
}
