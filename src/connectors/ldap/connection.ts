import type { Socket } from "node:net";
import { AbandonRequest, type Control, type Message, UnbindRequest } from "ldapts";
import type { Call } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { codes } from "./errors.ts";
import {
  type Answer,
  type LdapEntry,
  type LdapResult,
  type Meaning,
  MessageSplitter,
  readAnswer,
} from "./wire.ts";

/** What an operation is called in errors, and whether losing its answer leaves it in doubt. */
export interface Purpose {
  readonly action: string;
  readonly writes: boolean;
}

/** What a family of directories does in each of its sessions. */
export interface Manner {
  /** Sent with every search. */
  readonly searchControls?: readonly Control[];
  /** What a result that is no success means, where that is more than its code says. */
  readonly explain?: (result: LdapResult) => Meaning | undefined;
  /** What errors call the server, where it is one of several. */
  readonly from?: string;
}

interface Pending {
  readonly call: Call;
  readonly purpose: Purpose;
  readonly entry: ((entry: LdapEntry) => void) | undefined;
  readonly resolve: (result: LdapResult) => void;
  readonly reject: (error: StoreError) => void;
  readonly references: string[];
}

/**
 * One LDAP session over one socket. It lives once: when the socket is lost every operation under way fails, and nothing
 * ever reconnects behind the caller's back, so that no operation can run without the login that came first (facts: a directory that
 * is read anonymously looks empty). Operations are pipelined; answers are matched by message id.
 */
export class Connection {
  /** Told of every request that changes something, when it is sent. */
  onWrite: (() => void) | undefined;
  private readonly manner: Manner;
  private readonly pending = new Map<number, Pending>();
  private socket: Socket;
  private splitter = new MessageSplitter();
  private lastId = 0;
  private outgoing: Buffer[] = [];
  private lost: string | undefined;
  private retired = false;
  private readonly onData = (piece: Buffer) => this.read(piece);
  private readonly onLost = (error?: Error) =>
    this.lose(error?.message ?? "the server closed the connection");

  /** Takes over a socket that is connected. */
  constructor(socket: Socket, manner: Manner = {}) {
    this.manner = manner;
    this.socket = socket;
    this.listen(socket);
  }

  /** Sent with every search. */
  get searchControls(): readonly Control[] {
    return this.manner.searchControls ?? [];
  }

  /** Of the server, as it was connected to. */
  get address(): string | undefined {
    return this.socket.remoteAddress;
  }

  get isOpen(): boolean {
    return this.lost === undefined;
  }

  /** Whether another call may have it: it is open, and nothing of the last call is under way any more. */
  get reusable(): boolean {
    return this.lost === undefined && !this.retired && this.pending.size === 0;
  }

  /**
   * Sends a request and gives its result, success or not. Throws `Unavailable` when the connection is lost, or `InDoubt` for a write
   * that was sent.
   */
  send(
    message: Message,
    call: Call,
    purpose: Purpose,
    entry?: (entry: LdapEntry) => void,
  ): Promise<LdapResult> {
    const { from } = this.manner;
    const told = from === undefined ? purpose : { ...purpose, action: `${purpose.action} at ${from}` };
    if (this.lost !== undefined) return Promise.reject(unsent(told, this.lost));
    if (purpose.writes) this.onWrite?.();
    this.lastId = this.lastId === 0x7fffffff ? 1 : this.lastId + 1;
    message.messageId = this.lastId;
    this.write(message.write());
    const { promise, resolve, reject } = Promise.withResolvers<LdapResult>();
    this.pending.set(message.messageId, { call, purpose: told, entry, resolve, reject, references: [] });
    return promise;
  }

  /** Fails what a call has under way. A call that ran out of time retires the connection: its server may be gone for good. */
  cancel(call: Call, cause: "aborted" | "timed out"): void {
    for (const [id, pending] of this.pending) {
      if (pending.call !== call) continue;
      this.pending.delete(id);
      this.write(new AbandonRequest({ messageId: this.nextUnanswered(), abandonId: id }).write());
      pending.reject(unanswered(pending.purpose, cause));
      this.retired = true;
    }
  }

  /** Puts TLS, made by `upgrade`, over the socket after StartTLS. Bytes that came before TLS did are refused. */
  async upgrade(upgrade: (socket: Socket) => Promise<Socket>): Promise<void> {
    if (this.splitter.pending || this.pending.size > 0)
      throw new Error("the server sent more than its StartTLS answer");
    this.socket.removeAllListeners();
    this.socket = await upgrade(this.socket);
    this.listen(this.socket);
  }

  /** Says goodbye and closes; operations under way fail. */
  close(): void {
    this.flush();
    if (this.lost === undefined)
      this.socket.end(new UnbindRequest({ messageId: this.nextUnanswered() }).write());
    this.lose("the connection was closed");
  }

  private nextUnanswered(): number {
    this.lastId = this.lastId === 0x7fffffff ? 1 : this.lastId + 1;
    return this.lastId;
  }

  private listen(socket: Socket): void {
    socket.setNoDelay(true);
    // A connection that a firewall has forgotten is noticed while it is idle, not by the next call.
    socket.setKeepAlive(true, 30_000);
    socket.on("data", this.onData);
    socket.on("error", this.onLost);
    socket.on("close", () => this.onLost());
    socket.on("end", () => this.onLost());
  }

  /** Requests made in one turn of the event loop leave as one piece: a piece each would cost more than making them. */
  private write(bytes: Buffer): void {
    if (this.outgoing.length === 0) setImmediate(() => this.flush());
    this.outgoing.push(bytes);
  }

  private flush(): void {
    if (this.outgoing.length > 0 && this.lost === undefined) this.socket.write(Buffer.concat(this.outgoing));
    this.outgoing = [];
  }

  private read(piece: Buffer): void {
    try {
      for (const message of this.splitter.push(piece)) this.take(message);
    } catch (error) {
      this.lose((error as Error).message);
    }
  }

  private take(message: Buffer): void {
    const answer = readAnswer(message);
    const pending = this.pending.get(answer.id);
    if (pending !== undefined) this.deliver(answer, pending);
    // Answers to what was abandoned are dropped; one without a request says goodbye (RFC 4511 §4.4.1).
    else if (answer.id === 0 && answer.kind === "result")
      this.lose(`the server ended the session: ${answer.result.text}`);
  }

  private deliver(answer: Answer, pending: Pending): void {
    if (answer.kind === "entry") pending.entry?.(answer.entry);
    else if (answer.kind === "reference") pending.references.push(...answer.urls);
    else if (answer.kind === "result") {
      this.pending.delete(answer.id);
      // A server that is shutting down may keep its sessions: another one may lead to a server that is not.
      if (answer.result.code === codes.unavailable) this.retired = true;
      if (pending.references.length === 0) pending.resolve(this.explained(answer.result));
      else pending.reject(partial(pending));
    }
  }

  private explained(result: LdapResult): LdapResult {
    if (result.code === codes.success) return result;
    const { explain, from } = this.manner;
    const meaning = explain?.(result);
    return { ...result, ...(meaning && { meaning }), ...(from !== undefined && { from }) };
  }

  private lose(cause: string): void {
    if (this.lost !== undefined) return;
    this.lost = cause;
    for (const pending of this.pending.values()) pending.reject(unanswered(pending.purpose, cause));
    this.pending.clear();
    this.socket.destroy();
  }
}

function unsent(purpose: Purpose, cause: string): StoreError {
  return new StoreError("Unavailable", `cannot ${purpose.action}: ${cause}`);
}

function unanswered({ action, writes }: Purpose, cause: string): StoreError {
  if (writes) return new StoreError("InDoubt", `sent, but got no answer, to ${action}: ${cause}`);
  return new StoreError("Unavailable", `cannot ${action}: ${cause}`);
}

/** A continuation reference means that a part of the answer lies on another server (RFC 4511 §4.5.3). */
function partial({ purpose, references }: Pending): StoreError {
  const elsewhere = references.join(", ");
  return new StoreError("Unavailable", `cannot ${purpose.action}: a part of the answer lies at ${elsewhere}`);
}
