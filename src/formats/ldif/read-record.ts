import { fault, type Line, sameDescription, valueAt } from "./lines.ts";
import type {
  ChangeRecord,
  LdifAttribute,
  LdifControl,
  LdifRecord,
  LdifValue,
  Modification,
} from "./record.ts";

/** The record that these lines are. Throws `FormatError`. */
export function readRecord(lines: readonly Line[]): LdifRecord {
  const [first, second] = lines;
  const dn = textOf(first!, "dn");
  switch (second?.description.toLowerCase()) {
    case undefined:
      throw fault(first!.number, "its record ends after the name; restore it, or take it out");
    case "control":
    case "changetype":
      return readChange(dn, lines);
    default:
      return { kind: "content", dn, attributes: readAttributes(lines.slice(1)) };
  }
}

function readChange(dn: string, lines: readonly Line[]): ChangeRecord {
  const isControl = ({ description }: Line) => description.toLowerCase() === "control";
  const at = lines.findIndex((line, index) => index > 0 && !isControl(line));
  const type = lines[at];
  if (type === undefined)
    throw fault(lines[0]!.number, "its record has controls and no changetype; restore it");
  const controls = lines.slice(1, at).map(readControl);
  const about = { dn, ...(controls.length > 0 && { controls }) };
  const rest = lines.slice(at + 1);
  const kind = textOf(type, "changetype").toLowerCase();
  switch (kind) {
    case "add":
      if (rest.length === 0) throw fault(type.number, "nothing is added; restore the attributes");
      return { ...about, kind, attributes: readAttributes(rest) };
    case "delete":
      if (rest[0]) throw fault(rest[0].number, "a delete has no more lines; take it out");
      return { ...about, kind };
    case "modify":
      return { ...about, kind, modifications: readModifications(rest) };
    case "modrdn":
    case "moddn":
      return { ...about, ...readRename(type, rest) };
    default:
      throw fault(type.number, "there is no such changetype; write add, delete, modify or modrdn");
  }
}

/** `1.2.840.113556.1.4.805 true: value`: a value of its own may follow. */
function readControl(line: Line): LdifControl {
  const text = textOf(line, "control");
  const [head, oid, critical] = /^([0-9]+(?:\.[0-9]+)*)(?: +(true|false))?(?=:|$)/.exec(text) ?? [];
  if (head === undefined || oid === undefined)
    throw fault(line.number, "it is no control; write its OID, then true or false");
  const value = head === text ? {} : { value: valueAt(text, head.length, line.number) };
  return { oid, critical: critical === "true", ...value };
}

function readModifications(lines: readonly Line[]): Modification[] {
  const modifications: Modification[] = [];
  for (let at = 0; at < lines.length; ) {
    const head = lines[at]!;
    const operation = head.description.toLowerCase();
    if (!isOperation(operation))
      throw fault(head.number, "a modification begins with add:, delete:, replace: or increment:");
    const description = textOf(head, operation);
    const found = lines.findIndex((line, index) => index > at && line.description === "-");
    // Many leave the last one out, as RFC 2849 does not let them.
    const end = found < 0 ? lines.length : found;
    const values = lines.slice(at + 1, end);
    const other = values.find((line) => line.description.toLowerCase() !== description.toLowerCase());
    if (other)
      throw fault(other.number, `it is not of ${description}, which is changed here; end that with -`);
    if (values.length === 0 && (operation === "add" || operation === "increment"))
      throw fault(head.number, `it has no values; write ${description}: and the value below it`);
    modifications.push({ operation, description, values: values.map(({ value }) => value) });
    at = end + 1;
  }
  return modifications;
}

function readRename(type: Line, lines: readonly Line[]) {
  const [newRdn, deleteOldRdn, newSuperior, more] = lines;
  if (newRdn === undefined || deleteOldRdn === undefined)
    throw fault(type.number, "a rename needs newrdn and deleteoldrdn; write both");
  if (more !== undefined) throw fault(more.number, "a rename has no more lines; take it out");
  const flag = textOf(deleteOldRdn, "deleteoldrdn");
  if (flag !== "0" && flag !== "1") throw fault(deleteOldRdn.number, "it is neither 0 nor 1; write one");
  return {
    kind: "rename" as const,
    newRdn: textOf(newRdn, "newrdn"),
    deleteOldRdn: flag === "1",
    ...(newSuperior && { newSuperior: textOf(newSuperior, "newsuperior") }),
  };
}

/** What stands at a record's beginning and nowhere else: an attribute of that name would be a record that nobody sees. */
const misplaced = [
  ["-", "a lone - ends a modification, and there is none; take it out"],
  ["dn", "dn stands in the middle of a record; put a blank line before the record that it begins"],
  [
    "changetype",
    "changetype stands in the middle of a record; write it right below the name, or take it out",
  ],
  ["control", "control stands in the middle of a record; write it right below the name, or take it out"],
] as const;

/** Values of one attribute may stand apart; names that differ in case alone are one. */
function readAttributes(lines: readonly Line[]): LdifAttribute[] {
  const attributes: { description: string; values: LdifValue[] }[] = [];
  for (const { description, value, number } of lines) {
    for (const [word, cause] of misplaced) if (sameDescription(word, description)) throw fault(number, cause);
    const same = attributes.find((one) => sameDescription(one.description, description));
    if (same === undefined) attributes.push({ description, values: [value] });
    else same.values.push(value);
  }
  return attributes;
}

/** The text of a line that has to be this one. */
function textOf({ description, value, number }: Line, expected: string): string {
  if (description.toLowerCase() !== expected)
    throw fault(number, `it is ${description}, where ${expected} has to stand; write that first`);
  if (typeof value !== "string") throw fault(number, `its ${expected} is no UTF-8; write it anew`);
  return value;
}

function isOperation(word: string): word is Modification["operation"] {
  return word === "add" || word === "delete" || word === "replace" || word === "increment";
}
