import { type DirtyPerson, drawing } from "./entry.ts";
import { kinds, linked, type Person, type Places, undecodable } from "./kinds.ts";

const given = [
  "Ada",
  "Grace",
  "José",
  "Zoë",
  "Bjørn",
  "Łukasz",
  "Anna",
  "Ali",
  "Mei",
  "John",
  "Søren",
  "Olga",
];
const family = [
  "Müller",
  "O'Brien",
  "Smith",
  "Nguyễn",
  "García",
  "van der Berg",
  "Şahin",
  "Kim",
  "Ivanova",
  "Ní Dhomhnaill",
];
const departments = ["Research", "research ", "Sales", "IT", "Facility  Management", "Ärztlicher Dienst"];

/** People of years, `size` or a few more: most as they should be, the others dirty in every way that is known. The same for one seed. */
export function dirtyPeople(
  size: number,
  { people, takesAnyBytes }: Places & { readonly takesAnyBytes: boolean },
  seed = 1,
): readonly DirtyPerson[] {
  const draw = drawing(seed);
  let number = 0;
  const person = () => personOf(++number, draw);
  const dirty = (takesAnyBytes ? [...kinds, undecodable] : kinds).flatMap(({ share, persons = 1, make }) =>
    Array.from({ length: Math.max(persons === 2 ? 1 : 2, Math.round((share * size) / 5000)) }, () =>
      make(Array.from({ length: persons }, person), { people }),
    ).flat(),
  );
  const clean = Array.from({ length: Math.max(0, size - dirty.length) }, () => linked(person(), { people }));
  return [...dirty, ...clean];
}

function personOf(number: number, draw: (below: number) => number): Person {
  const [first, last] = [given[draw(given.length)]!, family[draw(family.length)]!];
  const uid = `${first.slice(0, 1)}${last}${number}`
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9]/g, "")
    .toLowerCase();
  return {
    number,
    uid,
    attributes: {
      objectClass: ["inetOrgPerson"],
      uid: [uid],
      cn: [`${first} ${last}`],
      sn: [last],
      givenName: [first],
      mail: [`${uid}@example.org`],
      employeeNumber: [`E-${10_000 + number}`],
      departmentNumber: [departments[draw(departments.length)]!],
      ...(draw(3) === 0 ? {} : { title: ["Engineer"] }),
      ...(draw(2) === 0 ? {} : { telephoneNumber: [`+41 44 ${1_000_000 + number}`] }),
      ...(draw(4) === 0 ? { description: [`created by ticket ${number}`] } : {}),
    },
  };
}
