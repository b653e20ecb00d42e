import type { ConnectorType } from "../../src/connectors/contract.ts";
import { type ErrorRow, errorKinds, type StoreErrorKind } from "../../src/connectors/errors.ts";
import { usualCare } from "../../src/connectors/wrap/connection.ts";
import { again, readAgain } from "../../src/connectors/wrap/retry.ts";

/** docs/reference/errors.md: what each kind of error leads to, and each connector's retry table. */
export function errorsPage(connectors: readonly ConnectorType[]): string {
  const kinds = Object.entries(errorKinds) as [StoreErrorKind, string][];
  const { provision, aggregate } = usualCare.retries;
  const sections = [
    "<!-- Generated from src/connectors by npm run generate. -->",
    "# Errors of stores, and what is tried again",
    "Each connector maps what its store says to one of these kinds, once; everything else goes by the kind alone.",
    table(
      ["Kind", "Rollcall", "Tried again at once"],
      kinds.map(([kind, does]) => [`\`${kind}\``, does, retried(kind)]),
    ),
    `At once means within the same pass: changes up to ${provision.attempts} times, reads up to ${aggregate.attempts} times, after ${provision.first} ms and then twice as long each time, up to ${provision.longest / 1000} s, each wait jittered. What still fails is planned again by the next pass. A change that may have been made is never sent again before it was looked up.`,
    ...connectors.flatMap(({ name, errors }) => [
      `## ${name}`,
      table(["Code", "When", "Kind", "Tried again at once"], errors.map(cells)),
    ]),
  ];
  return `${sections.join("\n\n")}\n`;
}

function cells({ code, meaning, kind }: ErrorRow): string[] {
  return [code === undefined ? "" : `\`${code}\``, meaning, `\`${kind}\``, retried(kind)];
}

function retried(kind: StoreErrorKind): string {
  if (again.has(kind)) return "changes and reads";
  return readAgain.has(kind) ? "reads" : "no";
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return [headings, headings.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
