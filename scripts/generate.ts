/**
 * Writes everything that follows from the code: CRDs, reference docs, schemas for editors, docs of commands and metrics. With
 * --check it writes nothing, and fails when something checked in is not what would be written.
 */

import { connectors } from "../src/connectors/registry.ts";
import { generatedFiles } from "./generate/files.ts";
import { staleFiles, writeFiles } from "./generate/write.ts";

const root = new URL("../", import.meta.url);
const files = generatedFiles(connectors);

if (process.argv.includes("--check")) {
  const stale = staleFiles(root, files);
  for (const path of stale) console.error(`generate: ${path} is stale: run npm run generate`);
  if (stale.length > 0) process.exitCode = 1;
} else {
  for (const path of writeFiles(root, files)) console.log(`generate: ${path}`);
}
