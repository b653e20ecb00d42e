import { formatName, isName, normaliseName, parseName } from "../core/model/distinguished-name.ts";
import type { Attributes } from "../core/model/values.ts";
import type { ChangeRecord, LdifAttribute, Modification } from "../formats/ldif/record.ts";
import type { LdifStyle } from "../formats/ldif/style.ts";
import { writeComment, writeLdif } from "../formats/ldif/write.ts";
import type { JournalLine } from "./journal.ts";
import { applyPatch, type Image, isMasked } from "./patch.ts";
import { reasonsText } from "./words.ts";

/** What a line says as LDIF: the change records, and in words what they cannot say. */
interface Told {
  readonly records: readonly ChangeRecord[];
  readonly remarks: readonly string[];
}

/**
 * A line of the journal as LDIF change records (RFC 2849), under comments that say when, why, and what was left out: masked values,
 * passwords, what the target's style does not know. Undefined for a line that changed no directory: its change was not made, changed
 * state alone, or its account has no distinguished name.
 */
export function journalLdif(line: JournalLine, style: LdifStyle = {}): string | undefined {
  if (line.result !== "Done" || line.operation === "Adopt" || line.operation === "Forget") return undefined;
  if (!isName(line.name)) return undefined;
  const before = line.before as Image;
  const { records, remarks } = told(line, before, applyPatch(before, line.patch), style);
  const why = reasonsText(line.reasons);
  const head = [
    `${new Date(line.at).toISOString()} ${line.target}, revision ${line.revision}${line.identity === "" ? "" : `, for ${line.identity}`}`,
    ...(why === "" ? [] : [`because ${why}`]),
    ...remarks,
  ];
  return `${head.map(writeComment).join("")}${records.map(writeLdif).join("") || "\n"}`;
}

function told(line: JournalLine, before: Image, after: Image, style: LdifStyle): Told {
  const { name: dn, operation } = line;
  switch (operation) {
    case "Create":
      return created(dn, after, style);
    case "Delete":
      return { records: [{ kind: "delete", dn }], remarks: [] };
    case "Enable":
    case "Disable":
      return enabled(dn, operation === "Enable", after, style);
    case "Grant":
    case "Revoke":
      return membership(
        dn,
        operation,
        (after.entitlements?.[0] ?? before.entitlements?.[0]) as string,
        style,
      );
    default:
      return updated(dn, before, after);
  }
}

function created(dn: string, after: Image, { state }: LdifStyle): Told {
  const { attributes, remarks } = shown(withNaming(dn, after.attributes ?? {}));
  const own = after.enabled === undefined ? undefined : state?.(after.enabled);
  const isMapped = attributes.some(({ description }) => description === own?.description);
  const all = own === undefined || own.values.length === 0 || isMapped ? attributes : [...attributes, own];
  return { records: [{ kind: "add", dn, attributes: all }], remarks: [...remarks, ...passwordRemark(after)] };
}

function updated(dn: string, before: Image, after: Image): Told {
  const names = new Set([...Object.keys(before.attributes ?? {}), ...Object.keys(after.attributes ?? {})]);
  const now = [...names].map((name) => [name, after.attributes?.[name] ?? []] as const);
  const { attributes, remarks } = shown(Object.fromEntries(now));
  const modifications = attributes.map((one): Modification => ({ operation: "replace", ...one }));
  return {
    records: [
      ...renamed(before.name, after.name),
      ...(modifications.length === 0 ? [] : [{ kind: "modify" as const, dn, modifications }]),
    ],
    remarks: [...remarks, ...passwordRemark(after)],
  };
}

function renamed(from: string | undefined, to: string | undefined): ChangeRecord[] {
  if (from === undefined || to === undefined || from === to) return [];
  const [[first = [], ...parent], [old = [], ...oldParent]] = [parseName(to), parseName(from)];
  const newSuperior = formatName(parent);
  const moves = normaliseName(newSuperior) !== normaliseName(formatName(oldParent));
  // The old value goes when the new one takes its place, as it went in the directory.
  const deleteOldRdn = old.every(({ type }) =>
    first.some((other) => other.type.toLowerCase() === type.toLowerCase()),
  );
  return [
    {
      kind: "rename",
      dn: from,
      newRdn: formatName([first]),
      deleteOldRdn,
      ...(moves && { newSuperior }),
    },
  ];
}

function enabled(dn: string, isEnabled: boolean, after: Image, { state }: LdifStyle): Told {
  const remarks = passwordRemark(after);
  const own = state?.(isEnabled);
  if (own === undefined)
    return { records: [], remarks: [`${dn} was ${isEnabled ? "enabled" : "disabled"}`, ...remarks] };
  return { records: [{ kind: "modify", dn, modifications: [{ operation: "replace", ...own }] }], remarks };
}

function membership(dn: string, operation: "Grant" | "Revoke", group: string, { members }: LdifStyle): Told {
  const [verb, to] =
    operation === "Grant" ? (["add", "added to"] as const) : (["delete", "taken from"] as const);
  if (members === undefined || !isName(group)) return { records: [], remarks: [`${dn} was ${to} ${group}`] };
  const values = [members.value(dn)];
  const modification: Modification = { operation: verb, description: members.attribute, values };
  return { records: [{ kind: "modify", dn: group, modifications: [modification] }], remarks: [] };
}

/** An entry holds the values that it is named by (RFC 4512 §2.3.1). */
function withNaming(dn: string, attributes: Attributes): Attributes {
  const [step = []] = parseName(dn);
  const has = (type: string) =>
    Object.keys(attributes).some((name) => name.toLowerCase() === type.toLowerCase());
  const missing = step.filter(({ type, encoded }) => !encoded && !has(type));
  return { ...attributes, ...Object.fromEntries(missing.map(({ type, value }) => [type, [value]])) };
}

/** Those whose values were kept, and a remark on each of the others. */
function shown(attributes: Attributes): { attributes: LdifAttribute[]; remarks: string[] } {
  const all = Object.entries(attributes).map(([description, values]) => ({ description, values }));
  return {
    attributes: all.filter(({ values }) => !values.some(isMasked)),
    remarks: all
      .filter(({ values }) => values.some(isMasked))
      .map(({ description }) => `${description} is left out: its values were masked when they were written`),
  };
}

function passwordRemark({ password }: Image): string[] {
  return password === undefined ? [] : [`its password was set: ${password}`];
}
