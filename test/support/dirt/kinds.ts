import { escapeNameValue } from "../../../src/core/model/distinguished-name.ts";
import type { DirtyPerson, DirtyValue } from "./entry.ts";

type Attributes = Record<string, readonly DirtyValue[]>;

/** What a kind of dirt is made from: a person as all should be. */
export interface Person {
  readonly number: number;
  readonly uid: string;
  readonly attributes: Attributes;
}

/** So many of 5,000, each made from one or two persons. */
export interface DirtKind {
  readonly share: number;
  readonly persons?: number;
  make(persons: readonly Person[], at: Places): DirtyPerson[];
}

export interface Places {
  readonly people: string;
}

/** As all should be. */
export const linked = (
  { uid, attributes }: Person,
  { people }: Places,
  more: Attributes = {},
): DirtyPerson => ({
  dn: `uid=${escapeNameValue(uid)},${people}`,
  attributes: { ...attributes, ...more },
  fate: "Linked",
});
const named = (person: Person, places: Places, uid: string, more: Attributes = {}) =>
  linked({ ...person, uid, attributes: { ...person.attributes, uid: [uid] } }, places, more);
const one =
  (make: (person: Person, places: Places) => DirtyPerson) => (persons: readonly Person[], at: Places) => [
    make(persons[0]!, at),
  ];
const without = (attributes: Attributes, ...names: readonly string[]): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)));
const stripped = (person: Person, ...names: readonly string[]): Person => ({
  ...person,
  attributes: without(person.attributes, ...names),
});
const disabled = { employeeType: ["DISABLED"] };

/** For servers that take any bytes, or once did: OpenLDAP refuses them. */
export const undecodable: DirtKind = {
  share: 12,
  make: one((person, at) => ({
    ...linked(person, at, { sn: [Buffer.from("Müller", "latin1")] }),
    fate: "Undecodable",
  })),
};

/** Every kind of dirt there is, with what an import ought to make of it. */
export const kinds: readonly DirtKind[] = [
  // Two people, one number; written differently now and then.
  {
    share: 20,
    persons: 2,
    make: ([a, b], at) => {
      const [number] = a!.attributes.employeeNumber as string[];
      const twin = { employeeNumber: [number!.toLowerCase()] };
      return [linked(a!, at), linked(b!, at, twin)].map((each) => ({ ...each, fate: "DuplicateKey" }));
    },
  },
  // One who came back: the old account is still there, disabled.
  {
    share: 15,
    persons: 2,
    make: ([a, b], at) => [
      { ...linked(a!, at), doubt: "SharedKey" },
      {
        ...linked(b!, at, { ...disabled, employeeNumber: a!.attributes.employeeNumber! }),
        fate: "DuplicateKey",
      },
    ],
  },
  // What people write where a form insists on a number.
  {
    share: 30,
    make: one((person, at) => ({ ...linked(person, at, { employeeNumber: ["n/a"] }), fate: "DuplicateKey" })),
  },
  // A shared mailbox: the number tells them apart all the same.
  {
    share: 30,
    persons: 2,
    make: ([a, b], at) => [a!, b!].map((person) => linked(person, at, { mail: a!.attributes.mail! })),
  },
  // A shared mailbox, and no number.
  {
    share: 20,
    persons: 2,
    make: ([a, b], at) =>
      [a!, b!].map((person) => ({
        ...linked(stripped(person, "employeeNumber"), at, { mail: a!.attributes.mail! }),
        doubt: "MissingKey",
      })),
  },
  {
    share: 60,
    make: one((person, at) => ({ ...linked(stripped(person, "employeeNumber"), at), doubt: "MissingKey" })),
  },
  // Nobody's, or a service's.
  {
    share: 40,
    make: one((person, at) => ({
      ...named(stripped(person, "employeeNumber", "mail", "telephoneNumber"), at, `svc-${person.number}`),
      doubt: "MissingKey",
    })),
  },
  {
    share: 30,
    make: one(({ number }, { people }) => ({
      dn: `cn=backup ${number},${people}`,
      attributes: { objectClass: ["person"], cn: [`backup ${number}`], sn: ["service"] },
      fate: "OtherKind",
    })),
  },
  {
    share: 20,
    make: one(({ number }, { people }) => ({
      dn: `uid=daemon${number},${people}`,
      attributes: {
        objectClass: ["account", "simpleSecurityObject"],
        uid: [`daemon${number}`],
        userPassword: ["{SSHA}AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
      },
      fate: "Unseen",
    })),
  },
  // The same letters, composed in one place and decomposed in another.
  {
    share: 20,
    make: one((person, { people }) => ({
      dn: `uid=${`zoë${person.number}`.normalize("NFC")},${people}`,
      attributes: {
        ...person.attributes,
        uid: [`zoë${person.number}`.normalize("NFD")],
        cn: ["José Ní".normalize("NFD")],
      },
      fate: "Linked",
    })),
  },
  // Spaces at the end, in the middle, and nothing else.
  {
    share: 25,
    make: one((person, at) => linked(person, at, { title: ["Engineer "], cn: [" Ada   Lovelace "] })),
  },
  { share: 15, make: one((person, at) => linked(person, at, { title: [" "] })) },
  { share: 15, make: one((person, at) => linked(person, at, { title: ["two\r\nlines\tand a tab"] })) },
  ...["smith, bob", "a+b", "#1", " space ", 'quote"d', "back\\slash", "a=b;c<d>", "ünï 😀"].map(
    (uid): DirtKind => ({ share: 5, make: one((person, at) => named(person, at, `${uid}${person.number}`)) }),
  ),
  // Typed with the caps lock on, by somebody with other habits.
  {
    share: 200,
    make: one((person, { people }) => ({
      dn: `UID=${escapeNameValue(person.uid.toUpperCase())}, ${people.toUpperCase().replaceAll(",", ", ")}`,
      attributes: { ...person.attributes, mail: [String(person.attributes.mail?.[0]).toUpperCase()] },
      fate: "Linked",
    })),
  },
  // Named by another tool, or put elsewhere.
  {
    share: 40,
    make: one((person, { people }) => ({
      dn: `cn=John Smith ${person.number},${people}`,
      attributes: { ...person.attributes, cn: [`John Smith ${person.number}`] },
      fate: "NamedOtherwise",
    })),
  },
  {
    share: 30,
    make: one((person, { people }) => ({
      ...linked(person, { people: `ou=contractors,${people}` }),
      fate: "NamedOtherwise",
    })),
  },
  {
    share: 5,
    make: one((person, { people }) => ({
      dn: `uid=${person.uid}+employeeNumber=${String(person.attributes.employeeNumber?.[0])},${people}`,
      attributes: person.attributes,
      fate: "NamedOtherwise",
    })),
  },
  // Several where one was meant.
  {
    share: 25,
    make: one((person, at) => ({
      ...linked(person, at, { cn: ["A. Lovelace", "Ada Byron"] }),
      fate: "Unfit",
    })),
  },
  {
    share: 10,
    make: one((person, at) => ({
      ...linked(person, at, { uid: [person.uid, `x${person.uid}`] }),
      fate: "Unfit",
    })),
  },
  { share: 15, make: one((person, at) => linked(person, at, { title: ["Engineer", "Head of Lab"] })) },
  {
    share: 25,
    make: one((person, at) =>
      linked(person, at, { mail: [`${person.number}@a.example`, `${person.number}@b.example`] }),
    ),
  },
  {
    share: 3,
    make: one((person, at) => ({ ...linked(person, at, { title: ["long ".repeat(300)] }), fate: "Invalid" })),
  },
  { share: 10, make: one((person, at) => linked(person, at, { mail: ["bob at example dot org"] })) },
  // Whoever left, as the last tool but one marked it.
  { share: 150, make: one((person, at) => ({ ...linked(person, at, disabled), fate: "Inactive" })) },
  {
    share: 40,
    make: one((person, at) => linked(person, at, { cn: ["John Smith"], sn: ["Smith"], givenName: ["John"] })),
  },
];
