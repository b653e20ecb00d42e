import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sqlConnector } from "../../src/connectors/sql/sql.ts";
import { call, failure, scan } from "../contract/bench.ts";
import { sqlEnvironment } from "../contract/sql-harness.ts";
import { mysqlTestedOn } from "../support/mysql.ts";
import { type MariadbSetting, startSetting } from "./mariadb-setting.ts";

const block = sqlConnector.targetSchema.parse({ table: { name: "accounts", key: "login" } });

/** Who answers in the place of a server, asks for the password under a key of its own, and keeps the answer. */
async function impostor(plugin: "caching_sha2_password" | "sha256_password") {
  const sent: Buffer[] = [];
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = Buffer.from(publicKey.export({ type: "spki", format: "pem" }));
  const scramble = Buffer.alloc(20, 7);
  const text = (value: string) => Buffer.from(`${value}\0`);
  const begin = plugin === "caching_sha2_password" ? [Buffer.from([1, 4])] : [];
  /** What it says, one after another ("Protocol::Handshake"): its greeting first. */
  const packets = [
    Buffer.concat([
      ...[Buffer.from([10]), text("9.7.4"), Buffer.alloc(4), scramble.subarray(0, 8), Buffer.alloc(1)],
      ...[Buffer.from([0x09, 0x82]), Buffer.from([255, 2, 0]), Buffer.from([0x08, 0]), Buffer.from([21])],
      ...[Buffer.alloc(10), scramble.subarray(8), Buffer.alloc(1), text("mysql_native_password")],
    ]),
    Buffer.concat([Buffer.from([0xfe]), text(plugin), scramble, Buffer.alloc(1)]),
    ...begin,
    Buffer.concat([Buffer.from([1]), key]),
  ];
  const server = createServer((socket) => {
    const say = (sequence: number) => {
      const packet = packets[sequence / 2];
      if (packet === undefined) return socket.destroy();
      const head = Buffer.from([packet.length & 255, packet.length >> 8, 0, sequence]);
      return socket.write(Buffer.concat([head, packet]));
    };
    socket.on("error", () => socket.destroy());
    socket.on("data", (data) => {
      sent.push(data.subarray(4));
      say(data[3]! + 1);
    });
    say(0);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, sent, stop: () => server.close() };
}

describe.each(["caching_sha2_password", "sha256_password"] as const)("a password for %s", (plugin) => {
  const underKey = 256;
  const logIn = async (host: string) => {
    const { port, sent, stop } = await impostor(plugin);
    const url = `mysql://ada:hunter2@${host}:${port}/app`;
    const store = sqlConnector.storeSchema.parse({ dialect: "mysql", url: { env: "URL" }, tls: "Off" });
    const connection = sqlConnector.connect(store, sqlEnvironment({ URL: url }));
    const error = await failure(scan(connection.target({ block, attributes: [] })));
    await connection.close();
    stop();
    return { error, sent };
  };

  it("is not sent over a network without TLS: whoever answers could have it", async () => {
    // To the connector 0.0.0.0 is no loopback address.
    const { error, sent } = await logIn("0.0.0.0");
    expect(error).toMatchObject({ kind: "Unauthenticated", message: expect.stringContaining("use TLS") });
    expect(sent.map(({ length }) => length)).not.toContain(underKey);
    for (const packet of sent) expect(packet.includes("hunter2")).toBe(false);
  });

  it("is sent under the server's key on a loopback address, where nobody listens", async () => {
    const { error, sent } = await logIn("127.0.0.1");
    expect(error.kind).toBe("Unavailable");
    expect(sent.at(-1)?.length).toBe(underKey);
  });
});

describe(`who logs in to ${mysqlTestedOn} without TLS`, () => {
  let setting: MariadbSetting;
  beforeAll(async () => {
    setting = await startSetting("mysql");
  });
  afterAll(() => setting.stop());

  it("over a network needs a way that does not send the password, or TLS", async () => {
    await setting.fresh();
    await setting.run("CREATE USER eve IDENTIFIED BY 'p'; GRANT ALL ON *.* TO eve");
    const local = setting.url().replace(/\/\/[^@]*@/, "//eve:p@");
    const remote = setting.target(local.replace("127.0.0.1", "0.0.0.0"), { store: { tls: "Off" } });
    if (setting.server.product === "MySQL")
      expect((await failure(scan(remote))).kind).toBe("Unauthenticated");
    // Whom MySQL has seen it remembers, and only looks whether the password is the same; MariaDB always does.
    await setting.target(local).check(call());
    expect(await scan(remote)).toEqual([]);
  });

  it("by a Unix socket sends it there", async () => {
    await setting.fresh();
    const { socket } = setting.server;
    await setting.run("CREATE USER ada@localhost IDENTIFIED BY 'p'; GRANT ALL ON *.* TO ada@localhost");
    const { pathname } = new URL(setting.url());
    const address = `mysql://ada:p@localhost/${pathname.slice(1)}?socket=${encodeURIComponent(socket)}`;
    expect(await scan(setting.target(address))).toEqual([]);
  });
});
