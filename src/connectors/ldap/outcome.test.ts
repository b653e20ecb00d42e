import { expect, it } from "vitest";
import { openLdap } from "./dialect-openldap.ts";
import { success } from "./outcome.ts";
import type { Server } from "./server.ts";

const server = { dialect: openLdap } as Server;
const entry = (entryUUID: string) => ({
  dn: "uid=ada",
  attributes: new Map([
    ["entryuuid", [Buffer.from(entryUUID)]],
    ["entrycsn", [Buffer.from("c1")]],
  ]),
});
const modify = { id: 1, kind: "modify", anchor: "a", name: "uid=ada", attributes: [] } as const;
const writing = { change: modify, requests: [], name: "uid=ada" };

it("a change tells the entry as the server showed it together with the change", () => {
  const told = { id: 1, ok: true, anchor: "a", name: "uid=ada", version: "c1" };
  expect(success(server, writing, entry("a"))).toEqual(told);
  const { version: _, ...less } = told;
  expect(success(server, writing, undefined)).toEqual(less);
});

it("a change that hit another entry, which took the name in that moment, is a Conflict for a person to look at", () => {
  expect(() => success(server, writing, entry("b"))).toThrow(
    /changed the wrong entry, uid=ada: another entry took that name.*look at what was changed there/,
  );
});

it("a creation whose id cannot be read is in doubt", () => {
  const change = { id: 1, kind: "create", name: "uid=ada", attributes: {}, enabled: true } as const;
  expect(success(server, { ...writing, change }, entry("b"))).toMatchObject({ ok: true, anchor: "b" });
  expect(success(server, { ...writing, change }, undefined)).toMatchObject({
    ok: false,
    error: { kind: "InDoubt" },
  });
});
