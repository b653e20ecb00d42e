import type { Call } from "../contract.ts";
import { StoreError } from "../errors.ts";
import type { Connection } from "../ldap/connection.ts";
import { type Endpoint, within } from "../ldap/session.ts";
import { takingTurns } from "../turns.ts";
import { readController, readUsn } from "./controller.ts";
import type { Asked, Sight, Written } from "./replication.ts";

/** Milliseconds that a controller may take to answer while there is another one to try, or half of what is left. */
const patience = 10_000;

/** Of the global catalog, without and with TLS. */
const catalogPort = /:326[89][/]?$/;

export interface ControllersOptions {
  /** In the order in which they are tried. */
  readonly urls: readonly string[];
  /** A session with the controller there, logged in. */
  readonly connect: (at: Pick<Endpoint, "url" | "address">, call: Call) => Promise<Connection>;
  /** Milliseconds after which a change is taken to have arrived everywhere. */
  readonly replication: number;
  readonly written: Written;
}

/** The controller that is worked with. */
interface Seat {
  readonly url: string;
  /** A domain's own name leads to any of its controllers. */
  readonly address: string | undefined;
  readonly sight: Sight;
  readonly sessions: Set<Connection>;
}

/**
 * Sessions with a domain's controllers, all with the same one at a time, so that what was written can be read. The next one is turned to when it
 * cannot be reached, and stayed with; all sessions with the one before end then.
 */
export class Controllers {
  private readonly options: ControllersOptions;
  private readonly turn = takingTurns();
  private seat: Seat | undefined;
  private writers = 0;
  private restored: string | undefined;

  constructor(options: ControllersOptions) {
    this.options = options;
  }

  /** Changes with the controller: what is known of the server is to be read again. */
  get epoch(): unknown {
    return this.seat;
  }

  /** Throws `Unavailable` when no controller can be worked with, saying why of each. */
  async open(call: Call): Promise<Connection> {
    const { seat } = this;
    const session = seat && (await this.join(seat, call));
    return session ?? (await this.turn(() => this.choose(call, seat)));
  }

  /** Passes on what makes changes, and remembers how far the controller has counted after them. */
  async *writing<T>(work: AsyncIterable<T>, call: Call): AsyncGenerator<T> {
    this.writers += 1;
    try {
      yield* work;
    } finally {
      this.writers -= 1;
      await this.settle(call);
    }
  }

  /** For people: who is worked with, and which others cannot be. */
  async describe(call: Call): Promise<{ readonly others: string; readonly problems: readonly string[] }> {
    const others = this.options.urls.filter((url) => url !== this.seat?.url);
    const found = await Promise.all(others.map((url) => this.probe(url, call)));
    return {
      others: found.map(({ word }) => `; ${word}`).join(""),
      problems: [
        ...(this.restored === undefined ? [] : [this.restored]),
        ...found.flatMap(({ problems }) => problems),
      ],
    };
  }

  /** Asks how far the controller has counted, after the last of those who make changes. */
  private async settle(call: Call): Promise<void> {
    const { written } = this.options;
    const { seat } = this;
    if (seat === undefined || this.writers > 0 || !written.isOpenAt(seat.sight)) return;
    const asked = written.asked(true);
    const usn = await counted(seat, call);
    if (usn !== undefined) written.settle(seat.sight, usn, asked);
  }

  /** Another session with the controller that is worked with; undefined when it is not to be had. */
  private async join(seat: Seat, call: Call): Promise<Connection | undefined> {
    const { urls } = this.options;
    try {
      const { connection, sight, asked } = await this.meet(seat, call, urls.length > 1);
      if (
        this.seat === seat &&
        sight.invocationId === seat.sight.invocationId &&
        this.inOrder(seat.url, sight, asked)
      ) {
        this.keep(seat, connection);
        return connection;
      }
      connection.close();
    } catch (error) {
      if (!isUnreachable(error)) throw error;
    }
    return undefined;
  }

  /** Goes through the controllers, the one that was just lost last. */
  private async choose(call: Call, lost: Seat | undefined): Promise<Connection> {
    const { seat } = this;
    // Somebody else may have chosen meanwhile.
    const session = seat !== undefined && seat !== lost ? await this.join(seat, call) : undefined;
    if (session !== undefined) return session;
    const { urls } = this.options;
    const order = lost === undefined ? urls : [...urls.filter((url) => url !== lost.url), lost.url];
    const errors: StoreError[] = [];
    for (const [at, url] of order.entries())
      try {
        return await this.take(url, call, at < order.length - 1);
      } catch (error) {
        if (!isUnreachable(error)) throw error;
        errors.push(error);
      }
    if (errors.length === 1) throw errors[0];
    const causes = errors.map(({ message }) => message).join("; ");
    throw new StoreError("Unavailable", `cannot work with any controller: ${causes}`, { cause: errors[0] });
  }

  private async take(url: string, call: Call, hasNext: boolean): Promise<Connection> {
    const { written, replication } = this.options;
    const { connection, sight, asked } = await this.meet({ url }, call, hasNext);
    try {
      const why = this.whyUnfit(url, sight);
      if (why !== undefined) throw unfit(url, why);
      this.inOrder(url, sight, asked);
      const [missing] = this.isForeign(sight) ? [] : written.missingAt(sight, replication, Date.now());
      if (missing !== undefined) throw notArrived(url, missing);
    } catch (error) {
      connection.close();
      throw error;
    }
    for (const session of this.seat?.sessions ?? []) session.close();
    this.seat = { url, address: connection.address, sight, sessions: new Set() };
    this.keep(this.seat, connection);
    return connection;
  }

  private isForeign({ domain }: Sight): boolean {
    return this.seat !== undefined && this.seat.sight.domain !== domain;
  }

  /** Where there is no other one to use, its fingerprint tells that it is another domain, and what is read is as good as any. */
  private whyUnfit(url: string, sight: Sight): string | undefined {
    if (catalogPort.test(url)) return "a global catalog holds a part of each entry";
    if (this.options.urls.length === 1) return undefined;
    if (this.isForeign(sight)) return "it is a controller of another domain";
    return sight.isReadOnly ? "it is read-only" : undefined;
  }

  private async meet(
    { url, address }: Pick<Seat, "url"> & Partial<Seat>,
    call: Call,
    hasNext: boolean,
  ): Promise<{ connection: Connection; sight: Sight; asked: Asked }> {
    const left = call.deadline - Date.now();
    const patient = hasNext ? { ...call, deadline: Date.now() + Math.min(patience, left / 2) } : call;
    const connection = await this.options.connect({ url, address }, patient);
    try {
      const asked = this.options.written.asked(this.writers === 0);
      const sight = await within(connection, patient, () => readController(connection, patient));
      return { connection, sight, asked };
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** False when the controller counts back: everything is to be compared again, by versions that tell the one count from the other. */
  private inOrder(url: string, sight: Sight, asked: Asked): boolean {
    const { written } = this.options;
    written.settle(sight, sight.usn, asked);
    const back = written.meet(sight, asked);
    if (back === 0n) return true;
    this.restored = `restore ${url} as its maker says: it counts changes again that it had counted before (${back} of them), as after a snapshot, and other controllers take no changes with these numbers from it`;
    return false;
  }

  private keep({ sessions, sight }: Seat, connection: Connection): void {
    for (const session of sessions) if (!session.isOpen) sessions.delete(session);
    sessions.add(connection);
    connection.onWrite = () => this.options.written.begin(sight, Date.now());
  }

  private async probe(url: string, call: Call): Promise<{ word: string; problems: string[] }> {
    try {
      const { connection, sight } = await this.meet({ url }, call, true);
      connection.close();
      const why = this.whyUnfit(url, sight);
      if (why === undefined) return { word: `${sight.host} stands by`, problems: [] };
      return { word: `${sight.host} cannot be used`, problems: [`take ${url} out of urls: ${why}`] };
    } catch (error) {
      return { word: `${url} is not to be had: ${(error as Error).message}`, problems: [] };
    }
  }
}

async function counted(seat: Seat, call: Call): Promise<bigint | undefined> {
  const session = [...seat.sessions].find(({ isOpen }) => isOpen);
  if (session === undefined) return undefined;
  return await within(session, call, () => readUsn(session, call)).catch(() => undefined);
}

function isUnreachable(error: unknown): error is StoreError {
  return error instanceof StoreError && error.kind === "Unavailable";
}

function unfit(url: string, why: string): StoreError {
  return new StoreError("Unavailable", `cannot use ${url}: ${why}; take it out of urls`);
}

function notArrived(url: string, { host, until }: { host: string; until: number }): StoreError {
  const time = new Date(until).toISOString().slice(0, 19);
  return new StoreError(
    "Unavailable",
    `cannot use ${url} yet: what was changed at ${host} has not arrived there; wait for replication (at most until ${time}Z)`,
  );
}
