/**
 * Distinguished names as texts (RFC 4514): taken apart, put together, and brought into one form so that equal names are equal texts.
 */

/** One `type=value` pair. */
export interface NameValue {
  readonly type: string;
  /** Unescaped; where `encoded`, the hexadecimal digits of its BER encoding. */
  readonly value: string;
  /** Written as `#` and hexadecimal digits (RFC 4514 §2.4). */
  readonly encoded?: true;
}

/** One step of a name; nearly always a single pair. */
export type RelativeName = readonly NameValue[];

/** From the entry up to its root, as written. */
export type DistinguishedName = readonly RelativeName[];

/** The short names RFC 4514 §3 lists, by their long name and OID. */
const shortTypes: ReadonlyMap<string, string> = new Map([
  ["commonname", "cn"],
  ["2.5.4.3", "cn"],
  ["localityname", "l"],
  ["2.5.4.7", "l"],
  ["stateorprovincename", "st"],
  ["2.5.4.8", "st"],
  ["organizationname", "o"],
  ["2.5.4.10", "o"],
  ["organizationalunitname", "ou"],
  ["2.5.4.11", "ou"],
  ["countryname", "c"],
  ["2.5.4.6", "c"],
  ["streetaddress", "street"],
  ["2.5.4.9", "street"],
  ["domaincomponent", "dc"],
  ["0.9.2342.19200300.100.1.25", "dc"],
  ["userid", "uid"],
  ["0.9.2342.19200300.100.1.1", "uid"],
]);

const typePattern = /[ ]*([A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)*)[ ]*=[ ]*/y;
const encodedPattern = /#((?:[0-9A-Fa-f]{2})+)[ ]*/y;
const plainPattern = /[^\\,+"<>;\0]+/y;
const hexPattern = /(?:\\[0-9A-Fa-f]{2})+/y;
const specials = ' "#+,;<=>\\';
/** Names of the common types in lower-case letters and digits, without anything to escape, are normal already. */
const normalPattern =
  /^(?:cn|uid|ou|o|dc|l|c)=[a-z0-9](?:[a-z0-9._@-]*)(?:,(?:cn|uid|ou|o|dc|l|c)=[a-z0-9](?:[a-z0-9._@-]*))*$/;

/** Throws an Error that says what is wrong where. The empty text is the root, a name without steps. */
export function parseName(text: string): DistinguishedName {
  if (text.trim() === "") return [];
  const steps: RelativeName[] = [];
  let pairs: NameValue[] = [];
  let at = 0;
  for (;;) {
    const [pair, next] = readPair(text, at);
    pairs.push(pair);
    at = next + 1;
    if (text[next] === "+") continue;
    steps.push(pairs);
    pairs = [];
    if (next === text.length) return steps;
    if (text[next] !== ",") fail(text, next, `escape "${text[next]}" with a backslash`);
  }
}

function readPair(text: string, start: number): [NameValue, number] {
  typePattern.lastIndex = start;
  const type = typePattern.exec(text)?.[1];
  if (type === undefined) fail(text, start, "expected an attribute type and =, as in ou=people");
  const at = typePattern.lastIndex;
  if (text[at] !== "#") {
    const [value, end] = readValue(text, at);
    return [{ type, value }, end];
  }
  encodedPattern.lastIndex = at;
  const digits = encodedPattern.exec(text)?.[1];
  if (digits === undefined)
    fail(text, at, 'expected pairs of hexadecimal digits; write a leading "#" as \\#');
  return [{ type, value: digits.toLowerCase(), encoded: true }, encodedPattern.lastIndex];
}

function readValue(text: string, start: number): [string, number] {
  let value = "";
  let kept = 0; // spaces up to here were escaped and stay
  let at = start;
  for (;;) {
    plainPattern.lastIndex = at;
    const plain = plainPattern.exec(text)?.[0];
    if (plain !== undefined) {
      value += plain;
      at += plain.length;
    }
    if (text[at] !== "\\") break;
    const [unescaped, next] = readEscape(text, at);
    value += unescaped;
    kept = value.length;
    at = next;
  }
  return [value.slice(0, kept) + value.slice(kept).replace(/ +$/, ""), at];
}

function readEscape(text: string, at: number): [string, number] {
  hexPattern.lastIndex = at;
  const pairs = hexPattern.exec(text)?.[0];
  if (pairs === undefined) {
    const special = text[at + 1];
    if (special === undefined || !specials.includes(special)) {
      fail(text, at, "expected a special character or two hexadecimal digits after the backslash");
    }
    return [special, at + 2];
  }
  try {
    const bytes = Buffer.from(pairs.replaceAll("\\", ""), "hex");
    return [new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes), at + pairs.length];
  } catch {
    return fail(text, at, "expected the bytes of UTF-8 text");
  }
}

function fail(text: string, at: number, cure: string): never {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  throw new Error(`cannot read the name "${shown}" at character ${at + 1}: ${cure}`);
}

/** Escapes a value for use in a name (RFC 4514 §2.4); "=" and line breaks too, which Active Directory does not take as they are. */
export function escapeNameValue(value: string): string {
  return value
    .replace(/^[ #]| $|["+,;<=>\\]/g, "\\$&")
    .replaceAll("\0", "\\00")
    .replaceAll("\n", "\\0A")
    .replaceAll("\r", "\\0D");
}

/** Writes a name as RFC 4514 has it. */
export function formatName(name: DistinguishedName): string {
  return name.map(formatStep).join(",");
}

function formatStep(step: RelativeName): string {
  return step
    .map((pair) => `${pair.type}=${pair.encoded ? `#${pair.value}` : escapeNameValue(pair.value)}`)
    .join("+");
}

/**
 * The one form of a name: types lower-case and short, values compared as caseIgnoreMatch does (RFC 4517 §4.2.11), escapes canonical,
 * the pairs of a step sorted. What is no name at all is only folded, so that comparing never fails.
 */
export function normaliseName(text: string): string {
  if (normalPattern.test(text)) return text;
  // What is a name once it is folded is that name: the form of a form is itself.
  const name = tryParse(text) ?? tryParse(foldText(text));
  return name === undefined ? foldText(text) : formatName(name.map(normaliseStep));
}

function normaliseStep(step: RelativeName): RelativeName {
  const pairs = step.map((pair) => {
    const type = pair.type.toLowerCase();
    return {
      ...pair,
      type: shortTypes.get(type) ?? type,
      value: pair.encoded ? pair.value : foldText(pair.value),
    };
  });
  return pairs.length === 1
    ? pairs
    : pairs.sort((a, b) => (a.type === b.type ? compare(a.value, b.value) : compare(a.type, b.type)));
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Folds case, compatibility forms, and leading, trailing and repeated spaces away (RFC 4518). */
export function foldText(text: string): string {
  const folded = /^[ -~]*$/.test(text)
    ? text.toLowerCase()
    : text.normalize("NFKC").toLowerCase().replaceAll("ς", "σ").normalize("NFKC");
  return folded.replace(/\s+/g, " ").trim();
}

/** Whether the text is a name, and not the root. */
export function isName(text: string): boolean {
  return (tryParse(text)?.length ?? 0) > 0;
}

function tryParse(text: string): DistinguishedName | undefined {
  try {
    return parseName(text);
  } catch {
    return undefined;
  }
}

/** Whether `name` is `base` or lies under it. Everything lies under the root, the empty text. */
export function isAtOrBelow(name: string, base: string): boolean {
  const upper = tryParse(base)?.map(normaliseStep).map(formatStep);
  const lower = tryParse(name)?.map(normaliseStep).map(formatStep);
  if (upper === undefined || lower === undefined || lower.length < upper.length) return false;
  return upper.every((step, index) => step === lower[lower.length - upper.length + index]);
}
