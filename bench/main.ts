import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { figuresOf, type Part, parts } from "./benchmarks.ts";
import { page } from "./document.ts";
import { asText, type Figure, measure } from "./figure.ts";
import type { Usage } from "./memory.ts";
import { record } from "./record.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    quick: { type: "boolean", default: false },
    output: { type: "string", short: "o", default: "table" },
    write: { type: "boolean", default: false },
  },
});
const { only, quick, output } = values;
if (quick && values.write)
  throw new Error("cannot write what was measured with --quick: leave out one of both");
const results = new Map<string, readonly Figure[] | Usage>();
for (const part of parts) {
  if (only && !only.some((name) => part.name.startsWith(name))) continue;
  process.stderr.write(`${part.name} …\n`);
  const result = await runPart(part);
  if (result) results.set(part.name, result);
  else process.exitCode = 1;
}
const figures = figuresOf(results, quick);
const rows = [...figures.values()].flat();
const json = rows.map((figure) => ({ ...figure, measured: measure(figure) }));
console.log(output === "json" ? JSON.stringify(json, undefined, 2) : asText(rows));
if (values.write) {
  const all = await record(
    figures,
    parts.map(({ name }) => name),
  );
  await writeFile(new URL("../docs/benchmarks.md", import.meta.url), page(all));
}

/** Undefined where it failed, having said why: the others are measured all the same. */
async function runPart(part: Part): Promise<readonly Figure[] | Usage | undefined> {
  const file = new URL("./part.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [file, part.name, quick ? "quick" : "full"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (piece: Buffer) => {
    text += piece;
  });
  const [code] = await once(child, "close");
  return code === 0 ? (JSON.parse(text) as readonly Figure[] | Usage) : undefined;
}
