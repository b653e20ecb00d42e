import { createReadStream } from "node:fs";
import { readLdif } from "../../src/formats/ldif/read.ts";
import { report } from "./report.ts";

// The parser alone: each record with all of its values, counted and thrown away.
await report(async () => {
  let rows = 0;
  for await (const page of readLdif(createReadStream(process.argv[2]!))) rows += page.length;
  return rows;
});
