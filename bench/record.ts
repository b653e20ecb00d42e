import { readFile, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import type { Figure } from "./figure.ts";

/** What was last measured of one part, in full size. */
export interface Measured {
  /** `2026-11-22` */
  readonly on: string;
  readonly machine: string;
  readonly figures: readonly Figure[];
}

/** By part, in the order of the page. */
export type FigureRecord = Readonly<Record<string, Measured>>;

const file = new URL("./figures.json", import.meta.url);

/** Takes in what was measured now; of parts that were not run the record keeps what was measured before. */
export async function record(
  measured: ReadonlyMap<string, readonly Figure[]>,
  order: readonly string[],
): Promise<FigureRecord> {
  const before = JSON.parse(await readFile(file, "utf8")) as FigureRecord;
  const about = { on: new Date().toISOString().slice(0, 10), machine: machine() };
  const all = { ...before, ...mapValues(measured, (figures) => ({ ...about, figures })) };
  const sorted = Object.fromEntries(order.flatMap((name) => (all[name] ? [[name, all[name]]] : [])));
  await writeFile(file, `${JSON.stringify(sorted, undefined, 2)}\n`);
  return sorted;
}

function mapValues<V, W>(map: ReadonlyMap<string, V>, change: (value: V) => W): Record<string, W> {
  return Object.fromEntries([...map].map(([key, value]) => [key, change(value)]));
}

function machine(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${cpus()[0]?.model.trim()}, ${memory} GB, Node ${process.versions.node}`;
}
