import { join } from "node:path";
import { StoreError } from "../../src/connectors/errors.ts";
import { ldifConnector } from "../../src/connectors/ldif/ldif.ts";
import { escapeNameValue } from "../../src/core/model/distinguished-name.ts";
import { makeFolder } from "../support/folder.ts";
import { LdifFile, type LdifValues } from "../support/ldif-file.ts";
import { entitlementKeys, everything, type Features, type Harness, type Sample } from "./subject.ts";
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

contractSuite({ name: "ldif", features, start: () => start({ id: "entryUUID" }, asGroups) });

contractSuite({
  name: "ldif with entitlements in an attribute",
  features: {
    ...features,
    createEntitlements: "an entitlement is a value of an attribute, and there is nothing to create",
  },
  start: () => start({ id: "entryUUID" }, asValues),
});

contractSuite({
  name: "ldif without an id",
  features: { ...features, rename: "the name is the anchor, and an anchor never changes" },
  start: () => start({}, asGroups),
});

/** How the suite's entitlements are kept. */
type Entitled = (file: LdifFile) => Pick<Harness, "entitlement" | "standing"> & {
  readonly target: Readonly<Record<string, unknown>>;
  readonly outside: Pick<Harness["outside"], "createEntitlement" | "addMember" | "countMembers">;
};

const asGroups: Entitled = (file) => {
  const dnOf = (key: string) => `cn=${key},${groups}`;
  return {
    target: { groups: { base: groups, filler } },
    entitlement: (key) => ({
      name: dnOf(key),
      refs: [
        { name: key, by: "Name" },
        { name: dnOf(key), by: "DN" },
      ],
      attributes: { cn: [key] },
    }),
    outside: {
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
  };
};

const asValues: Entitled = (file) => {
  const hold = (entries: ReadonlyMap<string, LdifValues>, key: string, { name }: Sample) => {
    const entry = found(entries, name);
    entry.carLicense = [...(entry.carLicense ?? []), key];
  };
  return {
    target: { entitlements: { attribute: "carLicense", names: [...entitlementKeys] } },
    standing: entitlementKeys,
    entitlement: (key) => ({ name: key, refs: [{ name: key, by: "Name" }], attributes: {} }),
    outside: {
      createEntitlement: (key, members) =>
        file.edit((entries) => {
          for (const member of members) hold(entries, key, member);
        }),
      addMember: (key, sample) => file.edit((entries) => hold(entries, key, sample)),
      async countMembers(key) {
        const entries = (await file.read()).values();
        return entries.filter(({ carLicense }) => carLicense?.includes(key)).toArray().length;
      },
    },
  };
};

function found(entries: ReadonlyMap<string, LdifValues>, name: string): LdifValues {
  const entry = entries.get(name);
  if (entry === undefined) throw new Error(`no entry ${name}`);
  return entry;
}

async function start(more: { readonly id?: string }, entitled: Entitled): Promise<Harness> {
  const folder = await makeFolder("ldif");
  const file = new LdifFile(join(folder.path, "directory.ldif"), binary);
  const { target, outside, ...entitlements } = entitled(file);
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
      ...target,
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
    ...entitlements,
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
      ...outside,
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
