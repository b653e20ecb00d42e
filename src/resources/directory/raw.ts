import { readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { ConnectorBlocks } from "../../core/kinds/kinds.ts";
import { manifestParser } from "../../core/kinds/parse.ts";
import type { Location, Problem } from "../../core/kinds/resource.ts";
import { startSlices } from "../slices.ts";
import { chunksOf, parseChunk } from "./documents.ts";
import { listFiles } from "./files.ts";
import { lineFinder } from "./locate.ts";
import { objectsIn } from "./objects.ts";

/** An object as it is written, whether or not it is valid. */
export interface RawManifest {
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly location: Location;
}

export interface RawFolder {
  readonly manifests: readonly RawManifest[];
  /** What could not be read: there may be manifests in it. */
  readonly problems: readonly Problem[];
}

/** Reads a folder's manifests as they are written, for somebody else to check. */
export async function readRaw(folder: string, connectors: readonly ConnectorBlocks[]): Promise<RawFolder> {
  const root = realpathSync(folder);
  const slices = startSlices();
  const { isManifest } = manifestParser(connectors);
  const manifests: RawManifest[] = [];
  const problems: Problem[] = [];
  for (const [file, stamp] of await listFiles(root, slices)) {
    if (slices.over()) await slices.rest();
    if (typeof stamp === "object") {
      problems.push({ message: stamp.unreadable, location: { file: file || ".", line: 1 } });
      continue;
    }
    for (const chunk of chunksOf(readFileSync(join(root, file), "utf8").replace(/^\uFEFF/, ""))) {
      const read = parseChunk(chunk.text);
      const at = (line: number) => ({ file, line: chunk.line + line - 1 });
      if ("message" in read) {
        problems.push({ message: `cannot be read as YAML: ${read.message}`, location: at(read.line) });
        continue;
      }
      const all = read.values.flatMap((value, document) =>
        objectsIn(value).map((found) => ({ ...found, document })),
      );
      const finder = all.length > 1 ? lineFinder(chunk.text) : undefined;
      for (const { value, path, document } of all)
        if (isManifest(value))
          manifests.push({
            manifest: value as RawManifest["manifest"],
            location: at(finder?.lineOf(document, path) ?? read.line),
          });
    }
  }
  return { manifests, problems };
}
