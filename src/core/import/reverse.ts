import type { TargetModel, ValueSource } from "../desired/target-model.ts";
import type { AccountRecord } from "../model/account.ts";
import { isName, parseName } from "../model/distinguished-name.ts";
import type { Values } from "../model/values.ts";

/** Fields of an Identity's spec, as far as an account tells them. */
export type Fields = Record<string, unknown>;

/** What an account's values say of its identity, by way of the target's mappings, read backwards. */
export interface Reversed {
  readonly fields: Fields;
  /** Mapped attributes with values whose mapping cannot be read backwards. */
  readonly unmapped: readonly string[];
}

/** Reads the mappings that simply hand on a field; of the others it lists those that had something to say. */
export function reverse(model: TargetModel, record: AccountRecord): Reversed {
  const fields: Fields = {};
  const unmapped: string[] = [];
  reverseName(model.accountName, record.name, fields);
  for (const { attribute, from, sensitive } of model.mappings) {
    const values = record.attributes[attribute.name] ?? [];
    if (values.length === 0 || "values" in from) continue;
    if (sensitive || !reverseValues(from.expression.source, values, fields)) unmapped.push(attribute.name);
  }
  if (fields.userName === undefined) fields.userName = nameValue(record.name);
  return { fields, unmapped };
}

/** What `accounts.when` or a rule asks for in the simplest form: `identity.userType == 'Employee'`, several joined by `&&`. */
export function askedFor(when: string, fields: Fields): void {
  for (const part of when.split("&&")) {
    const [, path, , value] = /^\s*identity\.([\w.]+)\s*==\s*(['"])([^'"\\]*)\2\s*$/.exec(part) ?? [];
    if (path !== undefined && value !== undefined && at(fields, path) === undefined) put(fields, path, value);
  }
}

function reverseName(from: ValueSource, name: string, fields: Fields): void {
  if (!("expression" in from)) return;
  const { source } = from.expression;
  const [, whole, , end = ""] = /^\s*(identity\.[\w.]+)\s*\+\s*(['"])([^'"\\]+)\2\s*$/.exec(source) ?? [];
  if (whole !== undefined) {
    if (name.endsWith(end)) reverseValues(whole, [name.slice(0, -end.length)], fields);
    return;
  }
  const [, inner] = /^\s*dn\(\s*(?:'[\w-]+'|"[\w-]+")\s*,\s*(identity\.[\w.]+)\s*,/.exec(source) ?? [];
  reverseValues(inner ?? source, [inner === undefined ? name : nameValue(name)], fields);
}

/** The value of a distinguished name's first part; another kind of name is its own value. */
export function nameValue(name: string): string {
  return isName(name) ? (parseName(name)[0]?.[0]?.value ?? name) : name;
}

const simple =
  /^identity\.(userName|displayName|nickName|title|userType|preferredLanguage|locale|timezone|employeeNumber|costCenter|organization|division|department|name\.\w+)$/;
const lists =
  /^(?:primary\(identity\.(emails|phoneNumbers)\)|identity\.(emails|phoneNumbers)\.map\(\s*(\w+)\s*,\s*\3\.value\s*\))$/;
const free = /^identity\.attributes(?:\.(\w+)|\[\s*(['"])([^'"\\]+)\2\s*\])(\[0\])?$/;

/** Whether this expression simply hands on a field. */
export function isReversible(source: string): boolean {
  return [simple, lists, free].some((form) => form.test(source.trim()));
}

function reverseValues(source: string, values: Values, fields: Fields): boolean {
  const expression = source.trim();
  const [, path] = simple.exec(expression) ?? [];
  if (path !== undefined) {
    if (values.length !== 1) return false;
    return put(fields, path, values[0]);
  }
  const [, first, all] = lists.exec(expression) ?? [];
  const list = first ?? all;
  if (list !== undefined) {
    // One that names them all says more than one that names the first.
    if (all === undefined && fields[list] !== undefined) return true;
    fields[list] = values.map((value, index) => (index === 0 ? { value, primary: true } : { value }));
    return true;
  }
  const [, name, , quoted] = free.exec(expression) ?? [];
  const key = name ?? quoted;
  return key === undefined ? false : put(fields, `attributes.${key}`, values);
}

function at(fields: Fields, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => (value as Fields | undefined)?.[key], fields);
}

/** What two mappings give must be the same: else neither can be trusted to be the field. */
function put(fields: Fields, path: string, value: unknown): boolean {
  const known = at(fields, path);
  if (known !== undefined) return JSON.stringify(known) === JSON.stringify(value);
  const [outer = "", ...rest] = path.split(".");
  if (rest.length === 0) fields[outer] = value;
  else fields[outer] = { ...(fields[outer] as Fields | undefined), [rest.join(".")]: value };
  return true;
}
