import { createServer, type Socket } from "node:net";
import { BerReader, BerWriter } from "ldapts";

/** A request as a fake server sees it. */
export interface FakeRequest {
  readonly id: number;
  /** The tag of the operation (RFC 4511 §4): 0x60 bind, 0x63 search, 0x68 add, 0x77 extended, … */
  readonly operation: number;
  /** The base of a search, the name of an add, the OID of an extended request. */
  readonly name: string;
  /** From 0 on, over all connections, requests of this operation and name. */
  readonly time: number;
  readonly socket: Socket;
}

/** Does what a test wants of a request; false leaves it to the server's own good manners. */
export type Manners = (request: FakeRequest, reply: Reply) => boolean;

export interface FakeLdap extends AsyncDisposable {
  readonly url: string;
  /** All requests so far, as `operation name`. */
  readonly seen: readonly string[];
}

export type FakeAttributes = Readonly<Record<string, readonly string[]>>;

/** A server on loopback that answers as a test says: what no real one does when asked to. */
export async function startFakeLdap(manners: Manners): Promise<FakeLdap> {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    let rest = Buffer.alloc(0);
    socket.on("data", (piece) => {
      rest = Buffer.concat([rest, piece]);
      try {
        for (let length = messageLength(rest); length > 0; length = messageLength(rest)) {
          answer(socket, readRequest(rest.subarray(0, length)));
          rest = rest.subarray(length);
        }
      } catch {
        socket.destroy(); // No LDAP: the beginning of TLS, which it does not speak.
      }
    });
  });
  const answer = (socket: Socket, { id, operation, name }: Omit<FakeRequest, "time" | "socket">) => {
    const line = `${operation.toString(16)} ${name}`;
    const time = seen.filter((other) => other === line).length;
    seen.push(line);
    const reply = new Reply(socket, id, operation);
    if (!manners({ id, operation, name, time, socket }, reply)) behave(operation, name, reply);
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `ldap://127.0.0.1:${port}`, seen, [Symbol.asyncDispose]: close };
}

/** Answers to one request. */
export class Reply {
  readonly #socket: Socket;
  readonly #id: number;
  readonly #operation: number;

  constructor(socket: Socket, id: number, operation: number) {
    this.#socket = socket;
    this.#id = id;
    this.#operation = operation;
  }

  entry(dn: string, attributes: FakeAttributes = {}): void {
    this.#send(0x64, (writer) => {
      writer.writeString(dn);
      writer.startSequence();
      for (const [name, values] of Object.entries(attributes)) {
        writer.startSequence();
        writer.writeString(name);
        writer.startSequence(0x31);
        writer.writeStringArray([...values]);
        writer.endSequence();
        writer.endSequence();
      }
      writer.endSequence();
    });
  }

  reference(url: string): void {
    this.#send(0x73, (writer) => writer.writeString(url));
  }

  /** The result; `cookie` adds a paging control (RFC 2696). */
  done(code = 0, text = "", cookie?: string): void {
    const tag =
      this.#operation === 0x77
        ? 0x78
        : this.#operation === 0x4a
          ? 0x6b
          : this.#operation + (this.#operation === 0x63 ? 2 : 1);
    const write = (writer: BerWriter) => {
      writer.writeEnumeration(code);
      writer.writeString("");
      writer.writeString(text);
    };
    this.#send(tag, write, cookie);
  }

  #send(tag: number, write: (writer: BerWriter) => void, cookie?: string): void {
    const writer = new BerWriter();
    writer.startSequence();
    writer.writeInt(this.#id);
    writer.startSequence(tag);
    write(writer);
    writer.endSequence();
    if (cookie !== undefined) writePaging(writer, cookie);
    writer.endSequence();
    this.#socket.write(writer.buffer);
  }
}

function writePaging(writer: BerWriter, cookie: string): void {
  const value = new BerWriter();
  value.startSequence();
  value.writeInt(0);
  value.writeString(cookie);
  value.endSequence();
  writer.startSequence(0xa0);
  writer.startSequence();
  writer.writeString("1.2.840.113556.1.4.319");
  writer.writeBuffer(value.buffer, 0x04);
  writer.endSequence();
  writer.endSequence();
}

/** A root DSE, a subschema, and success. */
function behave(operation: number, name: string, reply: Reply): void {
  if (operation === 0x42 || operation === 0x50) return;
  if (operation === 0x63 && name === "") reply.entry("", rootDse);
  if (operation === 0x63 && name === "cn=Subschema") reply.entry("cn=Subschema", subschema);
  reply.done();
}

const rootDse: FakeAttributes = {
  namingContexts: ["dc=example,dc=org"],
  subschemaSubentry: ["cn=Subschema"],
  supportedControl: ["1.2.840.113556.1.4.319", "1.3.6.1.1.12"],
  supportedExtension: ["1.3.6.1.1.21.1", "1.3.6.1.1.21.3"],
};

const subschema: FakeAttributes = {
  attributeTypes: [
    "( 2.5.4.0 NAME 'objectClass' EQUALITY objectIdentifierMatch )",
    "( 2.5.4.3 NAME 'cn' EQUALITY caseIgnoreMatch )",
  ],
  objectClasses: ["( 2.5.6.6 NAME 'person' MUST cn )"],
};

function messageLength(bytes: Buffer): number {
  const reader = new BerReader(bytes);
  if (reader.readSequence() === null || reader.remain < reader.length) return 0;
  return reader.offset + reader.length;
}

function readRequest(message: Buffer) {
  const reader = new BerReader(message);
  reader.readSequence(0x30);
  const id = reader.readInt() ?? 0;
  const operation = reader.readSequence() ?? 0;
  if (operation === 0x77) return { id, operation, name: reader.readString(0x80) ?? "" };
  if (operation === 0x63 || operation === 0x68) return { id, operation, name: reader.readString() ?? "" };
  return { id, operation, name: "" };
}
