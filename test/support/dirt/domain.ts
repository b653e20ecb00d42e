import { escapeNameValue } from "../../../src/core/model/distinguished-name.ts";
import { type DirtyEntry, type DirtyPerson, type DirtyValue, drawing } from "./entry.ts";

type Attributes = Record<string, readonly DirtyValue[]>;

export interface DomainPlaces {
  readonly suffix: string;
  readonly people: string;
  readonly groups: string;
}

/** Bits of userAccountControl, as numbers: a user, enabled or not, that needs no password (MS-ADTS §2.2.16). */
const [enabled, disabled] = [["544"], ["546"]];

interface DomainKind {
  readonly share: number;
  make(number: number, at: DomainPlaces): DirtyPerson;
}

/** Somebody as the domain's tools make them. */
function user(number: number, cn: string, at: string, more: Attributes = {}): DirtyPerson {
  const account = `user${number}`;
  return {
    dn: `CN=${escapeNameValue(cn)},${at}`,
    attributes: {
      objectClass: ["user"],
      cn: [cn],
      sAMAccountName: [account],
      displayName: [cn],
      sn: [`Family ${number}`],
      employeeNumber: [`${10_000 + number}`],
      mail: [`${account}@ad.example.test`],
      userAccountControl: enabled!,
      ...more,
    },
    fate: "Linked",
  };
}

const without = (person: DirtyPerson, ...names: readonly string[]): DirtyPerson => ({
  ...person,
  attributes: Object.fromEntries(Object.entries(person.attributes).filter(([name]) => !names.includes(name))),
});

const kinds: readonly DomainKind[] = [
  // Administrators, and who was one once: the domain takes others' rights to them away.
  {
    share: 10,
    make: (number, { people }) => ({
      ...user(number, `Admin ${number}`, people, { adminCount: ["1"] }),
      fate: "Protected",
    }),
  },
  {
    share: 12,
    make: (number, { people }) => ({
      ...user(number, `Gone ${number}`, people, { userAccountControl: disabled! }),
      fate: "Inactive",
    }),
  },
  {
    share: 8,
    make: (number, { people }) => ({
      ...user(number, `Twin ${number}`, people, { employeeNumber: ["n/a"] }),
      fate: "DuplicateKey",
    }),
  },
  {
    share: 10,
    make: (number, { people }) => ({
      ...without(user(number, `svc-${number}`, people), "employeeNumber", "mail"),
      doubt: "MissingKey",
    }),
  },
  // The same name twice: in another unit, since two in one cannot be.
  {
    share: 6,
    make: (number, { people }) => ({
      ...user(number, "John Smith", `OU=Unit ${number},${people}`),
      fate: "NamedOtherwise",
    }),
  },
  // Renamed in the form that people see, and not in the name of the entry.
  {
    share: 6,
    make: (number, { people }) => ({
      ...user(number, `Maiden ${number}`, people, { displayName: [`Married ${number}`] }),
      fate: "Unfit",
    }),
  },
  { share: 6, make: (number, { people }) => user(number, `Smith, Bob "B" +${number};<x>`, people) },
  { share: 6, make: (number, { people }) => user(number, `José Ñandú ${number}`.normalize("NFD"), people) },
  {
    share: 6,
    make: (number, { people }) => user(number, `#Łukasz ${number}`, people, { sn: [" van  der Berg "] }),
  },
  { share: 6, make: (number, { people }) => user(number, `SHOUTING ${number}`, people.toUpperCase()) },
  // Past their end, and nobody's business here.
  {
    share: 5,
    make: (number, { people }) =>
      user(number, `Ended ${number}`, people, { accountExpires: ["132223104000000000"] }),
  },
];

export interface DirtyDomain {
  /** In the order in which they can be made. */
  readonly entries: readonly DirtyEntry[];
  readonly people: readonly DirtyPerson[];
  readonly memberships: number;
  readonly nestedGroups: number;
}

/** Users and groups of a domain after years, `size` users in all. The same for one seed. */
export function dirtyDomain(size: number, at: DomainPlaces, seed = 3): DirtyDomain {
  const draw = drawing(seed);
  let number = 0;
  const dirty = kinds.flatMap(({ share, make }) => Array.from({ length: share }, () => make(++number, at)));
  const clean = Array.from({ length: size - dirty.length }, () => {
    number++;
    return user(number, `Person ${number}`, at.people);
  });
  const people = [...dirty, ...clean];
  const units = people.flatMap(({ dn, fate }) => {
    const unit = dn.slice(dn.indexOf(",") + 1);
    return fate === "NamedOtherwise"
      ? [{ dn: unit, attributes: { objectClass: ["organizationalUnit"] } }]
      : [];
  });
  const group = (name: string, members: readonly string[], more: Attributes = {}): DirtyEntry => ({
    dn: `CN=${escapeNameValue(name)},${at.groups}`,
    attributes: {
      ...{ objectClass: ["group"], cn: [name], sAMAccountName: [name.replace(/[^A-Za-z0-9 ]/g, "_")] },
      ...more,
      member: members,
    },
  });
  const some = (count: number) => {
    const start = draw(people.length);
    return Array.from({ length: count }, (_, index) => people[(start + index) % people.length]!);
  };
  const plain = [size, ...Array.from({ length: 20 }, () => 3 + draw(30))].map((count, index) => ({
    name: index === 0 ? "everyone, really" : `group ${index}`,
    holders: some(count),
  }));
  const groups = plain.map(({ name, holders }) =>
    group(
      name,
      holders.map(({ dn }) => dn),
    ),
  );
  return {
    entries: [
      ...units,
      ...people,
      ...groups,
      group(
        "group of groups",
        groups.slice(1, 6).map(({ dn }) => dn),
      ),
      group(
        "old admins",
        clean.slice(0, 3).map(({ dn }) => dn),
        { adminCount: ["1"] },
      ),
    ],
    people,
    memberships: plain.flatMap(({ holders }) => holders).filter(({ fate }) => fate === "Linked").length,
    nestedGroups: 5,
  };
}
