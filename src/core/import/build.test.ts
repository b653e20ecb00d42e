import { describe, expect, test } from "vitest";
import { modelOf, outcomeOf } from "../../../test/support/planned.ts";
import type { AccountRecord } from "../model/account.ts";
import { buildManifests, type ImportInput } from "./build.ts";

const dn = (uid: string) => `uid=${uid},ou=people,dc=example,dc=org`;

/** An account as all should be, with changes. */
function account(uid: string, more: Partial<AccountRecord> = {}): AccountRecord {
  const attributes = { mail: [`${uid}@x.org`], employeeNumber: [`E-${uid}`], department: ["Research"] };
  const record = { anchor: `#${uid}`, name: dn(uid), version: "1", enabled: true };
  return { ...record, ...more, attributes: { ...attributes, ...more.attributes } };
}

const matching = (...match: readonly object[]) => ({ accounts: { ...modelOf().spec.accounts, match } });
const byMail = matching({ keys: ["mail"] });

function imported(records: readonly AccountRecord[], more: Partial<ImportInput> = {}) {
  const result = outcomeOf(
    buildManifests({
      ...{ model: modelOf(), records, entitlements: [], ownerOfProof: () => undefined },
      ...{ taken: () => false, declared: new Map(), profiles: new Map(), ...more },
    }),
  );
  const identities = result.documents.filter(({ kind }) => kind === "Identity");
  return {
    ...result,
    names: identities.map(({ metadata }) => metadata.name),
    pinned: identities.filter(({ spec }) => spec.links).map(({ metadata }) => metadata.name),
    remarks: result.remarks.map(({ kind, name, detail }) => `${kind} ${name}: ${detail}`),
  };
}

describe("an import leaves out an account", () => {
  const ann = account("ann");
  const two = (attribute: string, ...values: string[]) =>
    account("ann", { attributes: { [attribute]: values } });
  const model = modelOf(
    {},
    { protected: [dn("root")], boundary: { bases: ["ou=people,dc=example,dc=org"] } },
  );

  test.each([
    {
      why: "that the store protects",
      record: account("ann", { protected: "adminCount is 1" }),
      remark: `Protected ${dn("ann")}: adminCount is 1`,
    },
    {
      why: "that its Store's manifest protects",
      record: account("root"),
      remark: `Protected ${dn("root")}: ${dn("root")} is protected in its Store`,
    },
    {
      why: "outside the boundary",
      record: { ...ann, name: "uid=ann,ou=other,dc=example,dc=org" },
      remark: expect.stringMatching(/^OutOfBounds uid=ann,ou=other/),
    },
    {
      why: "that would be renamed",
      record: { ...ann, name: "cn=Ann Lee,ou=people,dc=example,dc=org" },
      remark: expect.stringMatching(/^NamedOtherwise cn=Ann Lee,.*: would become uid=Ann Lee,ou=people/),
    },
    {
      why: "with a value that is no text",
      record: two("department", "F\udcfc\udce4"),
      remark: `Undecodable ${dn("ann")}: department`,
    },
    {
      why: "with a value that no Identity can hold",
      record: two("department", "x".repeat(2000)),
      remark: `Invalid ${dn("ann")}: department must have at most 1024 characters`,
    },
  ])("$why", ({ record, remark }) => {
    const { names, remarks } = imported([record, account("bob")], { model });
    expect(names).toEqual(["bob"]);
    expect(remarks).toEqual([remark]);
  });

  test("whose values disagree about one field, and tells no sensitive ones", () => {
    const attributes = {
      mail: { expression: "identity.userName" },
      department: { expression: "identity.userName", sensitive: true },
    };
    const said = (given: Record<string, string[]>) =>
      imported([account("ann", { attributes: given })], {
        model: modelOf({ accounts: { ...modelOf().spec.accounts, attributes, match: [] } }),
      }).remarks;
    expect(said({ mail: ["other"], department: ["ann"] })).toEqual([
      `Unfit ${dn("ann")}: mail would become ann, and is other`,
    ]);
    expect(said({ mail: ["ann"], department: ["secret"] })).toEqual([`Unfit ${dn("ann")}: department`]);
  });

  test("whose user name an Identity has that does not have the account; of a disabled one that is as it should be", () => {
    const declared = new Map([["ann", "ann-lee"]]);
    const records = [account("Ann"), account("bob")];
    expect(imported(records, { declared })).toMatchObject({
      names: ["bob"],
      remarks: [`Declared ${dn("Ann")}: Identity/ann-lee`],
    });
    const disabled = imported([account("ann", { enabled: false })], { declared });
    expect(disabled).toMatchObject({ names: [], remarks: [], disabled: 0 });
  });
});

describe("accounts that share a key", () => {
  const same = { attributes: { employeeNumber: ["e-1"] } };

  test("that proves identity are all left out", () => {
    const { names, remarks } = imported([account("ann", same), account("bob", same), account("cid")]);
    expect(names).toEqual(["cid"]);
    expect(remarks).toEqual(["ann", "bob"].map((uid) => `DuplicateKey ${dn(uid)}: employeeNumber e-1`));
  });

  test("that proves identity, all but one disabled: that one is imported, by its anchor", () => {
    const { names, pinned, remarks } = imported([
      account("old", { ...same, enabled: false }),
      account("ann", same),
    ]);
    expect({ names, pinned }).toEqual({ names: ["ann"], pinned: ["ann"] });
    expect(remarks.map((text) => text.split(" ")[0])).toEqual(["DuplicateKey", "SharedKey"]);
  });

  test("that is somebody's who is linked are left out", () => {
    const { names, remarks } = imported([account("ann", same)], { ownerOfProof: () => "zoe" });
    expect(names).toEqual([]);
    expect(remarks).toEqual([`DuplicateKey ${dn("ann")}: employeeNumber e-1, of the linked Identity zoe`]);
  });

  test("that proves nothing are named by their anchors", () => {
    const shared = { attributes: { mail: ["info@x.org"] } };
    const records = [account("ann", shared), account("bob", shared), account("cid")];
    const { names, pinned, remarks } = imported(records, { model: modelOf(byMail) });
    expect(names).toEqual(["ann", "bob", "cid"]);
    expect(pinned).toEqual(["ann", "bob"]);
    expect(remarks).toEqual(["ann", "bob"].map((uid) => `SharedKey ${dn(uid)}: mail info@x.org`));
  });

  test("with one that is left out are named by their anchors, too: it is there to be found", () => {
    const shared = { mail: ["info@x.org"] };
    const records = [
      account("ann", { attributes: shared }),
      account("bob", { attributes: shared, protected: "p" }),
    ];
    expect(imported(records, { model: modelOf(byMail) })).toMatchObject({ names: ["ann"], pinned: ["ann"] });
  });
});

test("an account without a key that proves whose it is is imported, and told", () => {
  const model = modelOf(matching({ keys: ["employeeNumber"], strong: true }, { keys: ["mail"] }));
  const none = { attributes: { employeeNumber: [] } };
  const neither = { attributes: { employeeNumber: [], mail: [] } };
  const { pinned, remarks } = imported([account("ann", none), account("svc", neither)], { model });
  expect(pinned).toEqual(["svc"]);
  expect(remarks).toEqual(["ann", "svc"].map((uid) => `MissingKey ${dn(uid)}: no employeeNumber`));
});

test("a group that may not be changed gives nobody anything, and is told", () => {
  const ref = { name: "cn=admins,ou=groups,dc=example,dc=org", by: "DN" } as const;
  const members = new Set(["#ann"]);
  const entitlements = [{ ref, members, protected: "adminCount is 1" }];
  const { documents, remarks } = imported([account("ann")], { entitlements });
  expect(documents.map(({ kind }) => kind)).toEqual(["Identity"]);
  expect(remarks).toEqual([`Protected ${ref.name}: adminCount is 1`]);
});
