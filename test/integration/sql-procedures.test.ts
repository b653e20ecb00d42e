import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { byName, delta, done, memberChange, members, modify, refused, scan } from "../contract/bench.ts";
import { type Setting, settings } from "./sql-setting.ts";

const mysqlProcedures = `
    CREATE PROCEDURE make(name text, mail text, enabled text)
      INSERT INTO users (login, mail, state) VALUES (name, mail, IF(enabled = 'true', 'on', 'off'));
    CREATE PROCEDURE alter_one(who bigint, name text, new_mail text) UPDATE users SET login = name, mail = new_mail WHERE id = who;
    CREATE PROCEDURE turn(who bigint, new_state text) UPDATE users SET state = new_state WHERE id = who;
    CREATE PROCEDURE remove(who bigint) BEGIN DELETE FROM held WHERE account = who; DELETE FROM users WHERE id = who; END;
    CREATE PROCEDURE give(who bigint, what text) INSERT INTO held VALUES (who, what);
    CREATE PROCEDURE take(who bigint, what text) DELETE FROM held WHERE account = who AND role = what;
    CREATE PROCEDURE idle(who bigint) SELECT 1;
    CREATE PROCEDURE refuse(who bigint) SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not on a Friday'`;

/** Each as its database writes it. */
const procedures = {
  postgres: `
    CREATE PROCEDURE make(name text, mail text, enabled boolean) LANGUAGE sql AS
      $$ INSERT INTO users (login, mail, state) VALUES (name, mail, CASE WHEN enabled THEN 'on' ELSE 'off' END) $$;
    CREATE PROCEDURE alter_one(who bigint, name text, new_mail text) LANGUAGE sql AS
      $$ UPDATE users SET login = name, mail = new_mail WHERE id = who $$;
    CREATE PROCEDURE turn(who bigint, new_state text) LANGUAGE sql AS $$ UPDATE users SET state = new_state WHERE id = who $$;
    CREATE PROCEDURE remove(who bigint) LANGUAGE sql AS $$ DELETE FROM held WHERE account = who; DELETE FROM users WHERE id = who $$;
    CREATE PROCEDURE give(who bigint, what text) LANGUAGE sql AS $$ INSERT INTO held VALUES (who, what) $$;
    CREATE PROCEDURE take(who bigint, what text) LANGUAGE sql AS $$ DELETE FROM held WHERE account = who AND role = what $$;
    CREATE PROCEDURE idle(who bigint) LANGUAGE sql AS $$ SELECT 1 $$;
    CREATE PROCEDURE refuse(who bigint) LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not on a Friday'; END $$`,
  mariadb: mysqlProcedures,
  mysql: mysqlProcedures,
};

const schema = (id: string) => `
  CREATE TABLE users (id ${id}, login varchar(100) NOT NULL UNIQUE, mail text, state varchar(100) NOT NULL DEFAULT 'on');
  CREATE TABLE held (account bigint, role varchar(100), PRIMARY KEY (account, role))`;

const statements = {
  scan: "SELECT id, login AS name, state = 'off' AS disabled, mail FROM users",
  insert: "CALL make(:name, :mail, :enabled)",
  update: "CALL alter_one(:id, :name, :mail)",
  disable: "CALL turn(:id, 'off')",
  enable: "CALL turn(:id, 'on')",
  delete: "CALL remove(:id)",
  members: "SELECT role AS entitlement, account FROM held",
  grant: "CALL give(:account, :entitlement)",
  revoke: "CALL take(:account, :entitlement)",
};

describe.each(startsOf(procedures))("stored procedures in %s", (_, start, made) => {
  let setting: Setting;
  beforeAll(async () => {
    setting = await start();
  });
  beforeEach(async () => {
    await setting.empty();
    await setting.run(schema(setting.types.id));
    await setting.run(made);
  });
  afterAll(() => setting.stop());

  const target = (own: object = {}) => setting.target({ statements: { ...statements, ...own } }, ["mail"]);
  const ada = { id: 1, kind: "create", name: "ada", attributes: { mail: ["a"] }, enabled: false } as const;

  it("create, change, rename, enable, grant, revoke and delete", async () => {
    const connector = target();
    const { anchor } = await done(connector, ada);
    const made = await byName(connector, "ada");
    expect(made).toMatchObject({ anchor, enabled: false, attributes: { mail: ["a"] } });
    const change = modify(made, { rename: "eve", enabled: true, attributes: [delta("mail", ["a"], ["e"])] });
    await done(connector, change);
    expect(await byName(connector, "eve")).toMatchObject({
      anchor,
      enabled: true,
      attributes: { mail: ["e"] },
    });
    const readers = { anchor: "readers", name: "readers" } as const;
    await done(connector, memberChange(readers, [made]));
    expect(await members(connector, "readers")).toEqual([anchor]);
    await done(connector, memberChange(readers, [], [made]));
    expect(await members(connector, "readers")).toEqual([]);
    await done(connector, { id: 1, kind: "delete", anchor, name: "eve" });
    expect(await scan(connector)).toEqual([]);
  });

  it("that do nothing are found out, since nobody counts what they did", async () => {
    const idle = {
      update: "CALL idle(:id)",
      disable: "CALL idle(:id)",
      delete: "CALL idle(:id)",
      grant: "CALL idle(:account)",
    };
    const connector = target(idle);
    await done(connector, { ...ada, enabled: true });
    const made = await byName(connector, "ada");
    const changes = [
      modify(made, { attributes: [delta("mail", ["a"], ["b"])] }),
      modify(made, { rename: "eve" }),
      modify(made, { enabled: false }),
      { id: 1, kind: "delete", anchor: made.anchor, name: "ada" } as const,
    ];
    for (const change of changes) expect((await refused(connector, change)).kind).toBe("Invalid");
    await done(connector, modify(made, { attributes: [delta("mail", ["a"], ["a"])] }));
    const outcome = await done(connector, memberChange({ anchor: "readers", name: "readers" }, [made]));
    expect([...(outcome.refused ?? [])].map(([, error]) => error.kind)).toEqual(["Invalid"]);
    expect(await byName(connector, "ada")).toEqual(made);
  });

  it("that refuse are quoted in their own words", async () => {
    const connector = target({ delete: "CALL refuse(:id)" });
    const { anchor } = await done(connector, ada);
    const error = await refused(connector, { id: 1, kind: "delete", anchor, name: "ada" });
    expect(error).toMatchObject({ kind: "Invalid", message: expect.stringContaining("not on a Friday") });
  });
});

const views = {
  sqlite: [
    `CREATE TRIGGER come INSTEAD OF INSERT ON people BEGIN
       INSERT INTO users (login) VALUES (NEW.login);
       INSERT INTO mails SELECT id, NEW.mail FROM users WHERE login = NEW.login; END`,
    `CREATE TRIGGER move INSTEAD OF UPDATE ON people BEGIN
       UPDATE users SET login = NEW.login WHERE id = OLD.id; UPDATE mails SET mail = NEW.mail WHERE owner = OLD.id; END`,
    `CREATE TRIGGER go INSTEAD OF DELETE ON people BEGIN
       DELETE FROM mails WHERE owner = OLD.id; DELETE FROM users WHERE id = OLD.id; END`,
  ],
  postgres: [
    `CREATE FUNCTION change_people() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       IF TG_OP = 'INSERT' THEN
         INSERT INTO users (login) VALUES (NEW.login) RETURNING id INTO NEW.id;
         INSERT INTO mails VALUES (NEW.id, NEW.mail); RETURN NEW;
       ELSIF TG_OP = 'UPDATE' THEN
         UPDATE users SET login = NEW.login WHERE id = OLD.id; UPDATE mails SET mail = NEW.mail WHERE owner = OLD.id; RETURN NEW;
       END IF;
       DELETE FROM mails WHERE owner = OLD.id; DELETE FROM users WHERE id = OLD.id; RETURN OLD; END $$`,
    "CREATE TRIGGER change INSTEAD OF INSERT OR UPDATE OR DELETE ON people FOR EACH ROW EXECUTE FUNCTION change_people()",
  ],
};

describe.each(startsOf(views))(
  "a view over several tables, with INSTEAD OF triggers, in %s",
  (_, start, triggers) => {
    let setting: Setting;
    beforeAll(async () => {
      setting = await start();
      await setting.empty();
      await setting.run(`CREATE TABLE users (id ${setting.types.id}, login text NOT NULL UNIQUE)`);
      await setting.run("CREATE TABLE mails (owner bigint PRIMARY KEY, mail text)");
      await setting.run(
        "CREATE VIEW people AS SELECT u.id, u.login, m.mail FROM users u JOIN mails m ON m.owner = u.id",
      );
      for (const statement of triggers) await setting.run(statement);
    });
    afterAll(() => setting.stop());

    it("is a table of accounts as any other", async () => {
      const connector = setting.target({ table: { name: "people", key: "login", id: "id" } }, ["mail"]);
      await done(connector, {
        ...{ id: 1, kind: "create", name: "ada", enabled: true },
        attributes: { mail: ["a"] },
      });
      const made = await byName(connector, "ada");
      expect(made.attributes).toEqual({ mail: ["a"] });
      await done(connector, modify(made, { rename: "eve", attributes: [delta("mail", ["a"], ["e"])] }));
      expect(await setting.rows("SELECT mail FROM mails")).toEqual([{ mail: "e" }]);
      const eve = await byName(connector, "eve");
      expect(eve.anchor).toBe(made.anchor);
      await done(connector, { id: 1, kind: "delete", anchor: eve.anchor, name: "eve", expect: eve.version });
      expect(await setting.rows("SELECT 1 AS one FROM mails")).toEqual([]);
    });
  },
);

/** The databases that these are written for, each with its own. */
function startsOf<T>(
  each: Partial<Record<Setting["dialect"], T>>,
): [name: string, start: () => Promise<Setting>, own: T][] {
  return settings.flatMap(([name, start, dialect]) => {
    const own = each[dialect];
    return own === undefined ? [] : [[name, start, own]];
  });
}
