import { exportTypes } from "../../src/core/expression/export-types.ts";
import { type FunctionDoc, functionDocs } from "../../src/core/expression/function-docs.ts";
import { identityTypes } from "../../src/core/expression/identity-value.ts";
import { variableTypes } from "../../src/core/expression/language.ts";

const introduction = `<!-- Generated from src/core/expression by npm run generate. -->

# Expressions

Rules (\`when\`), names and attribute mappings are [CEL](https://cel.dev) expressions over \`identity\`. They are checked, types included, when the
manifest is validated, and every error names its line and column. What they may cost is bounded: nothing in a manifest can make Rollcall hang.

\`\`\`yaml
when: "identity.department == 'Research' && identity.userType != 'Service'"
name: { expression: "dn('uid', identity.userName, 'ou=people,dc=example,dc=org')" }
attributes:
  mail: { expression: "primary(identity.emails)" }
  displayName: { expression: "default(identity.displayName, identity.userName)" }
  roomNumber: { expression: "identity.attributes.?room.orValue([])" }
\`\`\`

* A result of null, an empty text or an empty list leaves an attribute alone; \`clear()\` empties it.
* An expression that fails for somebody holds that person's account, and says why. Nobody else is held up, and nothing is removed for it.
* A text that may be absent is \`string or null\`: compare it, or give it a default. Lists and maps are never null, but empty.
* Dates are texts as the manifest has them, such as \`2026-03-31\`.
* What the fields mean: [Identity](identity.md). \`manager\` is the name of the manager's Identity; \`accountOf(identity.manager)\` is what the store calls the
  manager's account.`;

/** The reference of what expressions may say. */
export function expressionsPage(): string {
  const types = typeSections(identityTypes);
  const functions = table(["Function", "Meaning"], functionDocs().map(functionRow));
  return `${[introduction, "## What `identity` has", ...types, ...exportSections(), "## Functions", functions].join("\n\n")}\n`;
}

/** What the columns of an Export read besides. */
function exportSections(): string[] {
  const variables = Object.entries(variableTypes.export).filter(([name]) => name !== "identity");
  return [
    "## What exports read besides",
    "The columns and `when` of an [Export](../export.md). `identity` has the same fields there; of an account that is nobody's all of them are absent.",
    table(
      ["Variable", "Type"],
      variables.map(([name, type]) => [`\`${name}\``, typeText(type)]),
    ),
    ...typeSections(exportTypes),
  ];
}

function typeSections(types: Readonly<Record<string, Readonly<Record<string, string>>>>): string[] {
  return Object.entries(types).map(([name, fields]) =>
    [
      `### ${name}`,
      table(
        ["Field", "Type"],
        Object.entries(fields).map(([field, type]) => [`\`${field}\``, typeText(type)]),
      ),
    ].join("\n\n"),
  );
}

function functionRow({ signatures, doc }: FunctionDoc): string[] {
  return [
    signatures.map((signature) => `\`${signature.replaceAll(/dyn<(\w+)>/g, "$1 or null")}\``).join("<br>"),
    doc,
  ];
}

function typeText(type: string): string {
  return type
    .replace(/^dyn<(\w+)>$/, "$1 or null")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.map(escapeCell).join(" | ")} |`)
    .join("\n");
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}
