import { execFile } from "node:child_process";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readLdif } from "../../src/formats/ldif/read.ts";
import type { ContentRecord, LdifRecord, LdifValue } from "../../src/formats/ldif/record.ts";
import { ldifHead, writeLdif } from "../../src/formats/ldif/write.ts";
import { ldapmodify } from "../support/ldapmodify.ts";
import { type OpenLdap, startOpenLdap } from "../support/openldap.ts";

const run = promisify(execFile);

/** What LDIF says is what OpenLDAP's own tools take it to say, and the other way round. */
describe("LDIF beside ldapmodify and ldapsearch", () => {
  let server: OpenLdap;
  beforeAll(async () => {
    server = await startOpenLdap();
  });
  afterAll(() => server?.stop());

  const login = () => ["-x", "-H", server.url, "-D", server.adminDn, "-w", server.adminPassword];

  const write = (records: readonly LdifRecord[]) =>
    ldapmodify(
      { url: server.url, dn: server.adminDn, password: server.adminPassword },
      ldifHead + records.map(writeLdif).join(""),
    );

  async function ldapsearch(base: string, width: string): Promise<ReadonlyMap<string, Values>> {
    const words = [...login(), "-L", "-o", `ldif-wrap=${width}`, "-b", base, "(objectClass=*)", "*"];
    const { stdout } = await run("ldapsearch", words, { maxBuffer: 64 * 1024 * 1024 });
    const entries: ContentRecord[] = [];
    for await (const page of readLdif(stream(stdout)))
      entries.push(...page.map(({ record }) => record as ContentRecord));
    return valuesByName(entries);
  }

  test("ldapmodify takes every value that is written, and ldapsearch shows it in lines of any width", async () => {
    const base = `ou=values,${server.suffix}`;
    const samples = fc.sample(values, { numRuns: 300, seed: 7 });
    const entries = [container(base), ...samples.map((value, at) => person(`p${at}`, base, [value]))];
    await write(entries.map(added));
    for (const width of ["no", "10", "78"])
      expect(await ldapsearch(base, width)).toEqual(valuesByName(entries));
  });

  test.each([
    ["Ünsal", "Ünsal"],
    ["a\\, b", "a, b"],
    ["c\\+d", "c+d"],
    ["\\#e", "#e"],
    ["\\ f\\ ", " f "],
    ["g\\\\h", "g\\h"],
    ['i\\"j', 'i"j'],
    ["k=l", "k=l"],
    ["n".repeat(200), "n".repeat(200)],
  ])(
    "ldapmodify takes the name %s, and ldapsearch shows it so that it names the same entry",
    async (step, name) => {
      const dn = `cn=${step},${server.suffix}`;
      await write([added({ ...person(name, "", ["x"]), dn })]);
      const [shown] = (await ldapsearch(dn, "20")).keys();
      await write([{ kind: "delete", dn: shown! }]);
      await expect(ldapsearch(dn, "20")).rejects.toThrow("No such object");
    },
  );

  test("ldapmodify makes each kind of change that is written", async () => {
    const base = `ou=changes,${server.suffix}`;
    const left = `ou=left,${base}`;
    const [ada, max] = [person("ada", base, ["first"]), person("max", base, ["second"])];
    await write([
      ...[container(base), container(left), ada, max].map(added),
      {
        kind: "modify",
        dn: ada.dn,
        modifications: [
          { operation: "add", description: "description", values: ["- ", "ü"] },
          { operation: "replace", description: "sn", values: ["King"] },
          { operation: "delete", description: "audio", values: [] },
        ],
      },
      { kind: "rename", dn: ada.dn, newRdn: "cn=ada king", deleteOldRdn: true, newSuperior: left },
      { kind: "delete", dn: max.dn, controls: [{ oid: "2.16.840.1.113730.3.4.2", critical: true }] },
    ]);
    const king = {
      kind: "content" as const,
      dn: `cn=ada king,${left}`,
      attributes: [
        { description: "objectClass", values: ["inetOrgPerson"] },
        { description: "cn", values: ["ada king"] },
        { description: "sn", values: ["King"] },
        { description: "description", values: ["- ", "ü"] },
      ],
    };
    expect(await ldapsearch(base, "no")).toEqual(valuesByName([container(base), container(left), king]));
  });
});

type Values = Readonly<Record<string, readonly string[]>>;

/** By name: the values of each attribute as hexadecimal bytes, sorted, since a directory keeps no order. */
function valuesByName(entries: readonly ContentRecord[]): ReadonlyMap<string, Values> {
  const hex = (value: LdifValue) => Buffer.from(value as string).toString("hex");
  return new Map(
    entries.map(({ dn, attributes }) => [
      dn,
      Object.fromEntries(attributes.map((one) => [one.description, one.values.map(hex).sort()])),
    ]),
  );
}

/** Any bytes, and those that a reader of LDIF trips over. Not none, which the server refuses. */
const values = fc.oneof(
  fc.string({ unit: "binary", minLength: 1 }),
  fc.string({ minLength: 60, maxLength: 400 }),
  fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(
    " ",
    ":",
    "<",
    "a ",
    " a",
    "a\nb",
    "a\r",
    "#",
    "-",
    ": a",
    "< file:///etc/passwd",
    "\0",
    "\t",
  ),
);

function person(name: string, base: string, audio: readonly LdifValue[]): ContentRecord {
  return {
    kind: "content",
    dn: `cn=${name},${base}`,
    attributes: [
      { description: "objectClass", values: ["inetOrgPerson"] },
      { description: "cn", values: [name] },
      { description: "sn", values: [name] },
      { description: "audio", values: audio },
    ],
  };
}

function container(dn: string): ContentRecord {
  return {
    kind: "content",
    dn,
    attributes: [
      { description: "objectClass", values: ["organizationalUnit"] },
      { description: "ou", values: [/^ou=([^,]*)/.exec(dn)![1]!] },
    ],
  };
}

function added({ dn, attributes }: ContentRecord): LdifRecord {
  return { kind: "add", dn, attributes };
}

async function* stream(content: string) {
  yield Buffer.from(content);
}
