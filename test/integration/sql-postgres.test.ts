import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { byName, call, delta, done, failure, modify, refused, scan } from "../contract/bench.ts";
import { type PostgresSetting, startPostgresSetting } from "./postgres-setting.ts";

const create = (name: string, id = 1, note = "x") =>
  ({ id, kind: "create", name, attributes: { note: [note] }, enabled: true }) as const;

describe("the sql connector on PostgreSQL", () => {
  let setting: PostgresSetting;
  beforeAll(async () => {
    setting = await startPostgresSetting();
  });
  afterAll(() => setting.stop());

  it("reads back what it wrote in one canonical form, whatever the server's settings", async () => {
    const { connector, client, url } = await setting.fresh();
    await client.query(
      `ALTER DATABASE "${new URL(url).pathname.slice(1)}" SET datestyle = 'German'; ALTER DATABASE "${new URL(url).pathname.slice(1)}" SET timezone = 'Asia/Tokyo'`,
    );
    const values = {
      at: ["2026-03-31T17:00:00Z"],
      amount: ["1.5"],
      labels: ["b", 'a "quoted", \\ one', "NULL", ""],
      ref: ["6f1c1f0e-5b1a-4c39-9d0a-3f6f0c2f3b11"],
    };
    await done(connector, { ...create("ada"), attributes: values });
    expect((await byName(connector, "ada")).attributes).toEqual(values);
    const [found] = await connector.find([{ keys: { labels: "NULL", amount: "1.50" } }], call());
    expect(found).toHaveLength(1);
    const nowhere = [{ keys: { ref: "not a uuid" } }, { keys: { at: "never" } }];
    expect(await connector.find(nowhere, call())).toEqual([[], []]);
  });

  it("refuses a text that is too long, and does not cut it", async () => {
    const { connector } = await setting.fresh();
    expect((await refused(connector, create("ada", 1, "x".repeat(1_001)))).kind).toBe("Invalid");
    expect(await scan(connector)).toEqual([]);
  });

  it("keeps values out of errors", async () => {
    const { connector, client } = await setting.fresh();
    await client.query("ALTER TABLE accounts ADD CHECK (note <> 'hunter2'), ADD UNIQUE (note)");
    await done(connector, create("ada", 1, "secret-note"));
    for (const note of ["hunter2", "secret-note"]) {
      const { message, cause } = await refused(connector, create("bob", 1, note));
      expect(`${message} ${JSON.stringify(cause)}`).not.toContain(note);
    }
  });

  it("takes no row for gone that a policy hides: without the right to see it, the table is Denied", async () => {
    const { connector, client, url } = await setting.fresh();
    await done(connector, create("ada"));
    const { anchor } = await done(connector, create("bob"));
    await client.query(`DROP ROLE IF EXISTS tenant; CREATE ROLE tenant LOGIN PASSWORD 'tenant'; GRANT ALL ON accounts TO tenant;
      ALTER TABLE accounts ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON accounts USING (login = 'ada');
      CREATE VIEW mine AS SELECT * FROM accounts WHERE login = 'ada'; GRANT ALL ON mine TO tenant`);
    const address = new URL(url);
    [address.username, address.password] = ["tenant", "tenant"];
    const restricted = setting.target(address.href);
    expect((await failure(scan(restricted))).kind).toBe("Denied");
    const removal = { id: 1, kind: "delete", anchor, name: "bob" } as const;
    expect((await refused(restricted, removal)).kind).toBe("Denied");
    const viewed = setting.target(address.href, { table: "mine" });
    expect((await scan(viewed)).map(({ name }) => name)).toEqual(["ada"]);
  });

  it("the marker stays while nothing is written, and changes with every write", async () => {
    const { connector, client } = await setting.fresh();
    const first = await connector.marker!(call());
    expect(await connector.marker!(call())).toBe(first);
    await client.query("BEGIN; INSERT INTO accounts (login) VALUES ('late')");
    const before = await connector.marker!(call());
    await client.query("COMMIT");
    expect(await connector.marker!(call())).not.toBe(before);
  });

  it("needs no more rights than the example grants", async () => {
    const { client, url } = await setting.fresh();
    const role = `role_${Date.now()}`;
    await client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'p@ss'; GRANT SELECT ON accounts TO ${role};
      GRANT INSERT (login, note), UPDATE (login, note) ON accounts TO ${role}`);
    const limited = url.replace(/\/\/[^@]*@/, `//${role}:p%40ss@`);
    const connector = setting.target(limited);
    expect((await connector.check(call())).problems).toEqual([]);
    await done(connector, create("ada"));
    const record = await byName(connector, "ada");
    await done(connector, modify(record, { attributes: [delta("note", ["x"], ["y"])], rename: "lovelace" }));
    const removal = { id: 1, kind: "delete", anchor: record.anchor, name: "lovelace" } as const;
    expect((await refused(connector, removal)).kind).toBe("Denied");
  });

  it("asks for TLS when told to verify, and does not go on without", async () => {
    const { url } = await setting.fresh();
    const error = await failure(scan(setting.target(url, { store: { tls: "Verify" } })));
    expect(error.message).toContain("SSL");
  });

  it("never says what a malformed url was", async () => {
    const error = await failure(scan(setting.target("postgres//user:secret@host")));
    expect(error.kind).toBe("Unauthenticated");
    expect(error.message).not.toContain("secret");
  });
});
