import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { makeFolder } from "../../../test/support/folder.ts";
import { passwordDesk } from "./desk.ts";

test.each<[string, BufferEncoding, string]>([
  ["is read as it stands", "utf8", "pässword-9"],
  [
    "is refused: another would be set in its place",
    "latin1",
    "StoreError: file key holds a password that is no text",
  ],
])("a password %s, in %s", async (_, encoding, expected) => {
  const folder = await makeFolder("desk");
  await writeFile(`${folder.path}/key`, Buffer.from("pässword-9\n", encoding));
  const desk = passwordDesk({
    ...{ root: folder.path, manifests: undefined, call: undefined, writeSecret: undefined },
    secret: ({ file }) => readFile(`${folder.path}/${file}`, "utf8"),
  });
  const read = desk.read({ kind: "File", path: "key" }, new AbortController().signal);
  expect(await read.catch(String)).toContain(expected);
  await folder.remove();
});
