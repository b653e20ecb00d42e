/** Writes manifests/install: the chart's output with its default values. */

import { mkdirSync, writeFileSync } from "node:fs";
import { installManifests } from "./install/manifests.ts";
import { goPrograms } from "./setup/go-programs.ts";
import { programPath } from "./setup/program-path.ts";

const folder = new URL("../manifests/install/", import.meta.url);
const helm = goPrograms.find(({ name }) => name === "helm");
if (!helm) throw new Error("cannot find helm among the programs that npm run setup builds");

mkdirSync(folder, { recursive: true });
for (const [name, text] of await installManifests(programPath(helm, process.env))) {
  writeFileSync(new URL(name, folder), text);
  console.log(`render: manifests/install/${name}`);
}
