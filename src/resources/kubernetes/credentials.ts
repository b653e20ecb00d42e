import { setMaxListeners } from "node:events";
import type { AgentOptions, RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { Agent, type buildConnector, type Dispatcher, ProxyAgent, request } from "undici";
import { sha256 } from "../../core/model/hash.ts";
import type { ConfigSource } from "./config.ts";

/** What a request is sent with. */
export interface Access {
  readonly server: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
  /** Aborted when its connection has proved to be dead: who listens there hears nothing any more, and no error either. */
  readonly dead: AbortSignal;
}

type TlsOptions = buildConnector.BuildOptions;

/** Milliseconds for which files are taken to be what they were: a rotated one is valid along with its successor for longer. */
const freshFor = 10_000;

/** Milliseconds that a connection which left a request unanswered is given to answer another one. */
const lastWord = 2_000;

/** Kept open behind load balancers that drop what is idle for 60 s. */
const keepAlive = { keepAlive: true, keepAliveInitialDelay: 30_000 };

interface Shared {
  readonly digest: string;
  readonly dispatcher: Dispatcher;
  readonly dead: AbortController;
}

/**
 * A cluster's credentials as they are now: files are read again every ten seconds, exec plugins are asked when what they gave has
 * expired, and both after `renew`. All requests share one dispatcher (HTTP/2, so mostly one connection), replaced when an authority,
 * certificate or key has changed.
 */
export class Credentials {
  readonly #source: ConfigSource;
  #config: { readonly text: string; readonly loaded: KubeConfig } | undefined;
  #shared: Shared | undefined;
  #current: { readonly readAt: number; readonly access: Promise<Access> } | undefined;
  #latest: Access | undefined;

  constructor(source: ConfigSource) {
    this.#source = source;
  }

  /** Throws where a file is missing or a plugin fails. */
  access(): Promise<Access> {
    const now = performance.now();
    if (this.#current && now - this.#current.readAt < freshFor) return this.#current.access;
    const current = { readAt: now, access: this.#read() };
    this.#current = current;
    current.access.then(
      (access) => {
        this.#latest = access;
      },
      () => {
        if (this.#current === current) this.#current = undefined;
      },
    );
    return current.access;
  }

  /** The server no longer accepts these credentials: they are read anew, once for all who had them. */
  renew(used: Access): void {
    if (this.#latest !== used) return;
    this.#current = undefined;
    this.#config = undefined;
  }

  /**
   * A connection that gave no answer may be dead without knowing: later requests get another, those under way keep theirs. It is asked
   * once more, and `dead` where it does not answer that either: a watch there would be silent for minutes before that is noticed.
   */
  reconnect(access: Access): void {
    const shared = this.#shared;
    if (shared?.dispatcher !== access.dispatcher) return;
    this.#shared = undefined;
    this.#current = undefined;
    void isAlive(access).then((alive) => {
      if (!alive) shared.dead.abort();
      return shared.dispatcher.close();
    });
  }

  async close(): Promise<void> {
    await this.#shared?.dispatcher.destroy();
  }

  /** The library's view of the cluster; its authenticators remember what they have asked plugins for. */
  config(): KubeConfig {
    const text = this.#source.text();
    if (this.#config?.text !== text) this.#config = { text, loaded: this.#source.load() };
    return this.#config.loaded;
  }

  async #read(): Promise<Access> {
    const config = this.config();
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const { server } = config.getCurrentCluster()!;
    const headers = Object.fromEntries(
      Object.entries(options.headers ?? {}).map(([name, value]) => [
        name.toLowerCase(),
        String(value).trim(),
      ]),
    );
    if (typeof options.auth === "string") {
      headers.authorization = `Basic ${Buffer.from(options.auth).toString("base64")}`;
    }
    const { dispatcher, dead } = this.#connection(config, options);
    return { server, headers, dispatcher, dead: dead.signal };
  }

  #connection(config: KubeConfig, options: RequestOptions): Shared {
    const { ca, cert, key, rejectUnauthorized, servername } = options;
    const { server, proxyUrl } = config.getCurrentCluster()!;
    const digest = sha256([server, proxyUrl, ca, cert, key, rejectUnauthorized, servername].join("\0"));
    if (this.#shared?.digest === digest) return this.#shared;
    // Watches on the old connections go on until they end.
    void this.#shared?.dispatcher.close();
    const dead = new AbortController();
    setMaxListeners(0, dead.signal);
    this.#shared = { digest, dispatcher: newDispatcher(config, options), dead };
    return this.#shared;
  }
}

/** Whether anything at all is answered, a refusal included. */
async function isAlive({ server, headers, dispatcher }: Access): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(lastWord);
    const { body } = await request(`${server.replace(/\/$/, "")}/version`, { dispatcher, headers, signal });
    await body.dump();
    return true;
  } catch {
    return false;
  }
}

function newDispatcher(config: KubeConfig, options: RequestOptions): Dispatcher {
  const chosen = config.createDispatcherOptions(config.getCurrentCluster(), options as AgentOptions);
  // Time is measured by whoever asks; a watch may be silent for longer than any default.
  const common = { allowH2: true, headersTimeout: 0, bodyTimeout: 0 };
  switch (chosen.type) {
    case "proxy":
      return new ProxyAgent({
        ...common,
        uri: chosen.uri,
        requestTls: chosen.requestTls as TlsOptions,
        connect: keepAlive,
      });
    case "socks":
      throw new Error(`cannot connect through ${chosen.uri}: SOCKS is not supported, use an HTTP proxy`);
    case "agent":
      return new Agent({ ...common, connect: { ...chosen.connect, ...keepAlive } as TlsOptions });
    case "none":
      return new Agent({ ...common, connect: keepAlive });
  }
}
