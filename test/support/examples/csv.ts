import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Example } from "./example.ts";

export const csvExample: Example = {
  folder: "csv",
  holds: [
    "1002,charles,Charles Babbage,Workshop,active,main entrance",
    "1001,ada,Ada Lovelace,Research,active,main entrance;lab",
  ],
  async start(manifests) {
    return {
      environment: {},
      own: {},
      read: async () => (await readFile(join(manifests, "badges.csv"), "utf8")).split(/\r?\n/).slice(1, -1),
      [Symbol.asyncDispose]: async () => {},
    };
  },
};
