import { commands } from "../../src/cli/commands.ts";
import type { ConnectorType } from "../../src/connectors/contract.ts";
import { approvalKind } from "../../src/core/kinds/approval.ts";
import { kinds } from "../../src/core/kinds/kinds.ts";
import { taskKind } from "../../src/core/kinds/provisioning-task.ts";
import { conditionsPage } from "../../src/report/cluster/reasons.ts";
import { metricsPage } from "../../src/report/metrics-page.ts";
import { alertFiles } from "./alerts.ts";
import { chartValuesPage } from "./chart-values.ts";
import { cliPage } from "./cli.ts";
import { crd } from "./crd.ts";
import { crdCopies } from "./crd-copies.ts";
import { combinedSchema, editorSchema } from "./editor-schema.ts";
import { errorsPage } from "./errors.ts";
import { expressionsPage } from "./expressions.ts";
import { referenceIndex, referencePage } from "./reference.ts";

/** Folders that hold generated files and nothing else. */
export const generatedFolders = [
  "charts/rollcall/files/crds",
  "crds",
  "docs/reference",
  "docs/schemas",
] as const;

/** The text of every generated file by its path. */
export function generatedFiles(connectors: readonly ConnectorType[]): Map<string, string> {
  const all = kinds(connectors);
  const written = [...all, taskKind];
  const served = [...written, approvalKind];
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  const crds = served.map((kind): [string, string] => [`crds/rollcall.dev_${kind.plural}.yaml`, crd(kind)]);
  return new Map([
    ...crds,
    ...crdCopies(crds),
    ...alertFiles(),
    ...written.map((kind): [string, string] => [
      `docs/schemas/${kind.name.toLowerCase()}.json`,
      json(editorSchema(kind)),
    ]),
    ["docs/schemas/rollcall.json", json(combinedSchema(written))],
    ...served.map((kind): [string, string] => [
      `docs/reference/${kind.name.toLowerCase()}.md`,
      referencePage(kind, connectors),
    ]),
    ["docs/chart-values.md", chartValuesPage()],
    ["docs/metrics.md", metricsPage()],
    ["docs/cli.md", cliPage(commands)],
    ["docs/reference/expressions.md", expressionsPage()],
    ["docs/reference/conditions.md", conditionsPage()],
    ["docs/reference/errors.md", errorsPage(connectors)],
    ["docs/reference/README.md", referenceIndex(served, connectors)],
  ]);
}
