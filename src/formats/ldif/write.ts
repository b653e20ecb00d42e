import type { ChangeRecord, LdifAttribute, LdifRecord, LdifValue, Modification } from "./record.ts";

const width = 76;

/**
 * What is written as it is. RFC 2849 lets control characters and a space at the end stand, too, but OpenLDAP's tools lose a tab
 * at the start, and people and editors what they do not see.
 */
const safe = /^(?:[!-9;=-~](?:[ -~]*[!-~])?)?$/;

/** The first line of a file. */
export const ldifHead = "version: 1\n\n";

/** A record with the blank line behind it, in lines of at most 76 characters. */
export function writeLdif(record: LdifRecord): string {
  return `${line("dn", record.dn)}${record.kind === "content" ? writeAttributes(record.attributes) : writeChange(record)}\n`;
}

/** A remark in the file, a line of its own, which belongs to the record right below it. */
export function writeComment(text: string): string {
  return `# ${text.replaceAll(/[\0\r\n]+/g, " ")}\n`;
}

function writeChange(record: ChangeRecord): string {
  const controls = (record.controls ?? []).map(({ oid, critical, value }) => {
    const more = value === undefined ? "" : spec(value);
    return `${fold(`control: ${oid} ${critical}${more}`)}\n`;
  });
  const type = line("changetype", record.kind === "rename" ? "modrdn" : record.kind);
  return `${controls.join("")}${type}${changeBody(record)}`;
}

function changeBody(record: ChangeRecord): string {
  switch (record.kind) {
    case "add":
      return writeAttributes(record.attributes);
    case "delete":
      return "";
    case "modify":
      return record.modifications.map(writeModification).join("");
    case "rename":
      return [
        line("newrdn", record.newRdn),
        line("deleteoldrdn", record.deleteOldRdn ? "1" : "0"),
        ...(record.newSuperior === undefined ? [] : [line("newsuperior", record.newSuperior)]),
      ].join("");
  }
}

function writeModification({ operation, description, values }: Modification): string {
  return `${line(operation, description)}${writeAttributes([{ description, values }])}-\n`;
}

function writeAttributes(attributes: readonly LdifAttribute[]): string {
  return attributes
    .flatMap(({ description, values }) => values.map((value) => line(description, value)))
    .join("");
}

function line(description: string, value: LdifValue): string {
  return `${fold(`${description}${spec(value)}`)}\n`;
}

/** The colon or colons, and the value. */
function spec(value: LdifValue): string {
  if (typeof value === "string" && safe.test(value)) return value === "" ? ":" : `: ${value}`;
  return `:: ${Buffer.from(value as string).toString("base64")}`;
}

function fold(text: string): string {
  if (text.length <= width) return text;
  const parts = [text.slice(0, width)];
  for (let at = width; at < text.length; at += width - 1) parts.push(` ${text.slice(at, at + width - 1)}`);
  return parts.join("\n");
}
