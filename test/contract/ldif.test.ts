import { join } from "node:path";
import { StoreError } from "../../src/connectors/errors.ts";
import { ldifConnector } from "../../src/connectors/ldif/ldif.ts";
import { escapeNameValue } from "../../src/core/model/distinguished-name.ts";
import { makeFolder } from "../support/folder.ts";
import { LdifFile, type LdifValues } from "../support/ldif-file.ts";
import { everything, type Features, type Harness, type Sample } from "./subject.ts";
import { contractSuite } from "./suite.ts";

const features: Features = {
  ...everything,
  passwords: "a file has no logins",
  restore: "what is gone from a file is gone",
  droppedMidPage: "a file has no connection; ldif/ldif.test.ts replaces and truncates it instead",
  restart: "a file has no server; ldif/ldif.test.ts takes it away and puts it back instead",
  lostAnswer: "a rename on this machine answers, or did not happen",
  otherServer: "a file has no server",
  wrongPassword: "a file asks for no password",
  readOnly: "rights are the file system's, and root, who may run the tests, has all",
};

const [people, groups, filler] = ["ou=people,dc=example,dc=org", "ou=groups,dc=example,dc=org", "cn=nobody"];
const binary = "audio";

contractSuite({ name: "ldif", features, start: () => start({ id: "entryUUID" }) });

contractSuite({
  name: "ldif without an id",
  features: { ...features, rename: "the name is the anchor, and an anchor never changes" },
  start: () => start({}),
});

async function start(more: { readonly id?: string }): Promise<Harness> {
  const folder = await makeFolder("ldif");
  const file = new LdifFile(join(folder.path, "directory.ldif"), binary);
  const dnOf = (key: string) => `cn=${key},${groups}`;
  const found = (entries: ReadonlyMap<string, LdifValues>, name: string) => {
    const entry = entries.get(name);
    if (entry === undefined) throw new Error(`no entry ${name}`);
    return entry;
  };
  const entryOf = ({ key, attributes }: Sample): LdifValues => ({
    ...Object.fromEntries(Object.entries(attributes).map(([name, values]) => [name, [...values]])),
    ...(more.id !== undefined && { [more.id]: [`id of ${key}`] }),
  });
  return {
    type: ldifConnector,
    store: { file: file.path },
    target: {
      bases: [people],
      objectClass: "inetOrgPerson",
      ...more,
      disable: { attribute: { name: "employeeType", disabled: "Gone" } },
      groups: { base: groups, filler },
    },
    attributes: [
      "objectClass",
      "uid",
      "cn",
      "sn",
      "employeeNumber",
      "description",
      "telephoneNumber",
      binary,
    ],
    environment: {
      path: (path) => path,
      secret: async () => {
        throw new StoreError("Unauthenticated", "no secrets here");
      },
    },
    misfit: { target: { bases: ["ou=nowhere,dc=example,dc=org"] }, attributes: ["description"] },
    roles: { text: "description", key: "employeeNumber", multi: "telephoneNumber", binary },
    account: (key) => ({
      key,
      name: `uid=${escapeNameValue(key)},${people}`,
      attributes: {
        objectClass: ["inetOrgPerson"],
        uid: [key],
        cn: [key],
        sn: [key],
        employeeNumber: [key],
      },
    }),
    entitlement: (key) => ({
      name: dnOf(key),
      refs: [
        { name: key, by: "Name" },
        { name: dnOf(key), by: "DN" },
      ],
      attributes: { cn: [key] },
    }),
    outside: {
      fill: (samples) =>
        file.edit((entries) => {
          for (const sample of samples) entries.set(sample.name, entryOf(sample));
        }),
      async read({ name }) {
        const entry = (await file.read()).get(name);
        return entry && { attributes: entry, enabled: !entry.employeeType?.includes("Gone") };
      },
      edit: ({ name }, attribute, values) =>
        file.edit((entries) => {
          found(entries, name)[attribute] = [...values];
        }),
      remove: ({ name }) => file.edit((entries) => void entries.delete(name)),
      disable: ({ name }) =>
        file.edit((entries) => {
          found(entries, name).employeeType = ["Gone"];
        }),
      createEntitlement: (key, members) =>
        file.edit((entries) => {
          const member = members.map(({ name }) => name);
          entries.set(dnOf(key), { objectClass: ["groupOfNames"], cn: [key], member });
        }),
      addMember: (key, { name }) => file.edit((entries) => void found(entries, dnOf(key)).member?.push(name)),
      async countMembers(key) {
        const { member = [] } = found(await file.read(), dnOf(key));
        return member.filter((name) => name !== filler).length;
      },
    },
    faults: {},
    reset: () =>
      file.write(
        new Map([
          [people, { objectClass: ["organizationalUnit"], ou: ["people"] }],
          [groups, { objectClass: ["organizationalUnit"], ou: ["groups"] }],
        ]),
      ),
    stop: () => folder.remove(),
  };
}
