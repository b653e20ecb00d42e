import { AddRequest, type Change, ModifyDNRequest, ModifyRequest } from "ldapts";
import { describe, expect, it } from "vitest";
import { openLdap } from "./dialect-openldap.ts";
import type { Directory } from "./directory.ts";
import { ldapTarget } from "./schema.ts";
import { shapeOf } from "./shape.ts";
import { readSubschema } from "./subschema.ts";
import { type AccountChange, writingOf } from "./write.ts";

const types = [
  "( 1.1 NAME 'cn' EQUALITY caseIgnoreMatch )",
  "( 1.2 NAME ( 'uid' 'userid' ) EQUALITY caseIgnoreMatch )",
  "( 1.3 NAME 'mail' EQUALITY caseIgnoreMatch )",
  "( 1.4 NAME 'displayName' EQUALITY caseIgnoreMatch SINGLE-VALUE )",
  "( 1.6 NAME 'objectClass' EQUALITY objectIdentifierMatch )",
  "( 1.5 NAME 'jpegPhoto' SYNTAX 1.3.6.1.4.1.1466.115.121.1.28 )",
];
const classes = [
  "( 2.1 NAME 'top' )",
  "( 2.2 NAME 'person' SUP top )",
  "( 2.3 NAME 'posixAccount' SUP top )",
];
const attributes = new Map([
  ["attributetypes", types.map((type) => Buffer.from(type))],
  ["objectclasses", classes.map((one) => Buffer.from(one))],
]);
const subschema = readSubschema({ dn: "cn=Subschema", attributes });
const server = {
  name: "",
  namingContexts: [],
  offers: new Set<string>(),
  subschema,
  dialect: openLdap,
  boundAs: "",
};

function write(change: AccountChange, block: unknown = {}) {
  return writingOf(change, { shape: shapeOf(ldapTarget.parse(block)) } as Directory, server);
}

const modify = (more: object): AccountChange => ({
  id: 1,
  kind: "modify",
  anchor: "a",
  name: "uid=ada,ou=p",
  attributes: [],
  ...more,
});
const delta = (name: string, before: string[], after: string[]) => ({ name, before, after });

function changesOf(change: AccountChange, block?: unknown): unknown[] {
  const request = write(change, block).requests.at(-1);
  if (!(request instanceof ModifyRequest)) throw new Error("no modify");
  return request.changes.map(({ operation, modification: { type, values } }: Change) => [
    operation,
    type,
    values,
  ]);
}

describe("a modification", () => {
  it("of an attribute with several values adds and deletes single ones", () => {
    const mail = delta("Mail", ["a@x", "b@x"], ["B@X", "c@x"]);
    expect(changesOf(modify({ attributes: [mail] }))).toEqual([
      ["delete", "mail", ["a@x"]],
      ["add", "mail", ["c@x"]],
    ]);
  });

  it("of an attribute with one value, or without an equality rule, replaces", () => {
    const photo = Buffer.from("photo");
    const deltas = [delta("displayName", ["A"], ["B"]), delta("jpegPhoto", [], [photo.toString("base64")])];
    expect(changesOf(modify({ attributes: deltas }))).toEqual([
      ["replace", "displayName", ["B"]],
      ["replace", "jpegPhoto", [photo]],
    ]);
  });

  it("that changes nothing under the attribute's rule is no request", () => {
    expect(write(modify({ attributes: [delta("mail", ["A@X"], ["a@x"])] })).requests).toEqual([]);
  });

  it("of an enabled account's state is one of the three ways", () => {
    const attribute = { name: "cn", disabled: "off", enabled: "on" };
    const off = modify({ enabled: false });
    expect(changesOf(off, { disable: { attribute } })).toEqual([["replace", "cn", ["off"]]]);
    expect(changesOf(modify({ enabled: true }), { disable: { attribute } })).toEqual([
      ["replace", "cn", ["on"]],
    ]);
    const lock = { disable: { lock: "PasswordPolicy" } };
    expect(changesOf(off, lock)).toEqual([["replace", "pwdAccountLockedTime", ["000001010000Z"]]]);
    expect(changesOf(modify({ enabled: true }), lock)).toEqual([["replace", "pwdAccountLockedTime", []]]);
  });
});

it("neither adds nor takes away a class that another one implies", () => {
  const more = delta("objectClass", ["top", "person"], ["person", "posixAccount"]);
  expect(changesOf(modify({ attributes: [more] }))).toEqual([["add", "objectClass", ["posixAccount"]]]);
});

describe("a rename", () => {
  const rename = (to: string, more: object = {}) => {
    const writing = write(modify({ rename: to, ...more }));
    const [request] = writing.requests;
    if (!(request instanceof ModifyDNRequest)) throw new Error("no rename");
    return { ...writing, request };
  };

  it("in place names the new step alone, and drops the old value", () => {
    const { request, name } = rename("uid=grace,ou=p");
    expect(request).toMatchObject({ newRdn: "uid=grace", newSuperior: "", deleteOldRdn: true });
    expect(name).toBe("uid=grace,ou=p");
  });

  it("to another place names the new superior", () => {
    expect(rename("uid=ada,ou=q,o=x").request).toMatchObject({ newRdn: "uid=ada", newSuperior: "ou=q,o=x" });
  });

  it("with escaped commas is split where RFC 4514 says", () => {
    const { request } = rename("uid=Lovelace\\, Ada,ou=p\\,q");
    expect(request).toMatchObject({ newRdn: "uid=Lovelace\\, Ada", newSuperior: "ou=p\\,q" });
  });

  it("by another attribute keeps the old value", () => {
    expect(rename("cn=Ada,ou=p").request.deleteOldRdn).toBe(false);
  });

  it("that names the same entry is none", () => {
    expect(write(modify({ rename: "UID=ada, OU=p" })).requests).toEqual([]);
  });

  it("leaves only those values to modify that it has not exchanged itself", () => {
    const attributes = [delta("uid", ["ada", "x"], ["grace", "y"])];
    const { requests } = rename("uid=grace,ou=p", { attributes });
    expect((requests[1] as ModifyRequest).changes).toHaveLength(2);
    expect(
      rename("uid=grace,ou=p", { attributes: [delta("uid", ["ada"], ["grace"])] }).requests,
    ).toHaveLength(1);
  });
});

describe("a creation", () => {
  it("holds the values that it is named by, once", () => {
    const change = {
      id: 1,
      kind: "create",
      name: "userid=Ada+cn=A B,ou=p",
      attributes: { uid: ["ada"] },
      enabled: true,
    } as const;
    const [request] = write(change).requests as [AddRequest];
    expect(request).toBeInstanceOf(AddRequest);
    expect(request.attributes.map(({ type, values }) => [type, values])).toEqual([
      ["uid", ["ada"]],
      ["cn", ["A B"]],
    ]);
  });

  it("that is disabled by moving lies there from the start", () => {
    const change = { id: 1, kind: "create", name: "uid=ada,ou=p", attributes: {}, enabled: false } as const;
    expect(write(change, { disable: { move: { to: "ou=leavers,o=x" } } }).name).toBe(
      "uid=ada,ou=leavers,o=x",
    );
  });

  it.each(["", "ada", "uid=a\\00b,ou=p"])("named %j is refused as Invalid", (name) => {
    const change = { id: 1, kind: "create", name, attributes: {}, enabled: true } as const;
    expect(() => write(change)).toThrow(expect.objectContaining({ kind: "Invalid" }));
  });
});

describe("a password", () => {
  const password = { value: "Correct-Horse.7battery", mustChange: true };

  it("is refused, with the cure, where the server has no way to set one", () => {
    const { password: _, ...dialect } = openLdap;
    const block = { shape: shapeOf(ldapTarget.parse({})) } as Directory;
    const change = modify({ password });
    expect(() => writingOf(change, block, { ...server, dialect })).toThrow(
      /cannot set the password of uid=ada,ou=p: the server does not offer to \(RFC 3062\); load what does/,
    );
  });

  it("is set before anything else, and marked only where the server knows the mark", () => {
    const { requests } = write(modify({ password, attributes: [delta("mail", [], ["a@b"])] }));
    expect(requests.map((request) => request.constructor.name)).toEqual(["PasswordRequest", "ModifyRequest"]);
  });

  it("that unlocks what is locked is followed by the lock", () => {
    const block = { disable: { lock: "PasswordPolicy" } };
    const create: AccountChange = {
      ...{ id: 1, kind: "create", name: "uid=ada,ou=p", attributes: {}, enabled: false },
      password,
    };
    expect(write(create, block).requests.map((request) => request.constructor.name)).toEqual([
      "AddRequest",
      "PasswordRequest",
      "ModifyRequest",
    ]);
  });
});
