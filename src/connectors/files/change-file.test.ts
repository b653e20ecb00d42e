import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { csvFormat } from "../../formats/csv/csv.ts";
import type { Call } from "../contract.ts";
import { changeFile } from "./change-file.ts";
import type { StoreFile } from "./file.ts";
import type { Snapshot } from "./snapshot.ts";
import { takingSnapshot } from "./take-snapshot.ts";

const call: Call = { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY };

let folder: string;
let file: StoreFile;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rollcall-files-"));
  file = { name: "people.csv", path: join(folder, "people.csv") };
});
afterEach(() => rm(folder, { recursive: true }));

it("refuses a file that changed since it was read: nothing is written, the other's change stays", async () => {
  const [view] = (await read("login,mail\nalice,1\n")).views;
  const theirs = "login,mail\nalice,theirs\n";
  await writeFile(file.path, theirs);
  await expect(changeFile(view!, { edits: [], added: ["bob,ours"] }, call)).rejects.toMatchObject({
    kind: "Retryable",
    message: expect.stringMatching(/cannot write people.csv: somebody else changed it/),
  });
  expect(await readFile(file.path, "utf8")).toBe(theirs);
  expect(await readdir(folder)).toEqual(["people.csv"]);
});

async function read(text: string): Promise<Snapshot> {
  await writeFile(file.path, text);
  const format = csvFormat({ encoding: "utf-8", delimiter: ",", quote: '"', lastLineBreak: "Required" });
  const rules = {
    keys: [],
    bounds: { atLeast: 0, atMost: 100 },
    begin: () => undefined,
    visit: () => undefined,
  };
  const taking = takingSnapshot([file], format, rules, call);
  for (;;) {
    const { done, value } = await taking.next();
    if (done) return value;
  }
}
