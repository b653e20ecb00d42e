import { describe, expect, test } from "vitest";
import type { LdifStyle } from "../formats/ldif/style.ts";
import type { JournalLine } from "./journal.ts";
import { journalLdif } from "./journal-ldif.ts";
import { mask } from "./patch.ts";

const ada = "uid=ada,ou=people,dc=x";
const line: JournalLine = {
  at: Date.UTC(2026, 10, 23),
  revision: "r1",
  target: "people",
  identity: "ada",
  anchor: "1",
  name: ada,
  operation: "Update",
  result: "Done",
  item: "hash",
  reasons: [[{ source: "Grant", name: "ada-lab" }]],
  patch: [],
  before: {},
};
const head = "# 2026-11-23T00:00:00.000Z people, revision r1, for ada\n# because Grant ada-lab\n";
const style: LdifStyle = {
  state: (enabled) => ({ description: "employeeType", values: enabled ? [] : ["Gone"] }),
  members: { attribute: "member", value: (name) => name },
};

describe("a line of the journal as LDIF", () => {
  test("adds an entry with the values that its name has, those that say that it is enabled, and none that were masked", () => {
    const after = { name: ada, enabled: true, attributes: { sn: ["L"], pin: [mask] }, password: "(given)" };
    const patch = Object.entries(after).map(([key, value]) => ({ op: "add", path: `/${key}`, value }));
    expect(journalLdif({ ...line, operation: "Create", patch }, style)).toBe(
      `${head}# pin is left out: its values were masked when they were written\n# its password was set: (given)\n` +
        `dn: ${ada}\nchangetype: add\nsn: L\nuid: ada\n\n`,
    );
  });

  test("moves an entry, and changes its values where it comes to lie", () => {
    const name = "uid=ada2,ou=staff,dc=x";
    const before = { name: ada, attributes: { title: ["A", "B"], mail: ["a@x"] } };
    const patch = [
      { op: "replace", path: "/name", value: name },
      { op: "replace", path: "/attributes", value: { title: ["C"] } },
    ];
    expect(journalLdif({ ...line, name, before, patch })).toBe(
      `${head}dn: ${ada}\nchangetype: modrdn\nnewrdn: uid=ada2\ndeleteoldrdn: 1\nnewsuperior: ou=staff,dc=x\n\n` +
        `dn: ${name}\nchangetype: modify\nreplace: title\ntitle: C\n-\nreplace: mail\n-\n\n`,
    );
  });

  const disabled: JournalLine = {
    ...line,
    operation: "Disable",
    before: { enabled: true },
    patch: [{ op: "replace", path: "/enabled", value: false }],
  };
  const granted: JournalLine = {
    ...line,
    operation: "Grant",
    before: { entitlements: [] },
    patch: [{ op: "add", path: "/entitlements/0", value: "cn=lab,dc=x" }],
  };

  test("disables as the target says, and gives groups", () => {
    expect(journalLdif(disabled, style)).toBe(
      `${head}dn: ${ada}\nchangetype: modify\nreplace: employeeType\nemployeeType: Gone\n-\n\n`,
    );
    expect(journalLdif(granted, style)).toBe(
      `${head}dn: cn=lab,dc=x\nchangetype: modify\nadd: member\nmember: ${ada}\n-\n\n`,
    );
  });

  test("says in words what nobody knows the attribute of", () => {
    expect(journalLdif(disabled)).toBe(`${head}# ${ada} was disabled\n\n`);
    expect(journalLdif(granted)).toBe(`${head}# ${ada} was added to cn=lab,dc=x\n\n`);
  });

  test.each<[string, Partial<JournalLine>]>([
    ["failed", { result: "Failed" }],
    ["is in doubt", { result: "InDoubt" }],
    ["changed the state alone", { operation: "Adopt" }],
    ["is of an account without a distinguished name", { name: "ada" }],
  ])("is nothing where the change %s", (_, more) => {
    expect(journalLdif({ ...line, operation: "Delete", ...more })).toBeUndefined();
  });
});
