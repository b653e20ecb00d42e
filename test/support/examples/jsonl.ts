import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Example } from "./example.ts";

export const jsonlExample: Example = {
  folder: "jsonl",
  holds: [
    '{"id":1002,"login":"charles","name":{"given":"Charles","family":"Babbage"},"mail":["charles@example.org"],"active":true,"roles":["reader"],"theme":{"dark":true}}',
    '{"id":1001,"name":{"given":"Ada","family":"Lovelace"},"mail":["ada@example.org","ada.lovelace@example.org"],"login":"ada","active":true,"roles":["reader","author"]}',
  ],
  async start(manifests) {
    return {
      environment: {},
      own: {},
      read: async () => (await readFile(join(manifests, "users.jsonl"), "utf8")).split("\n").slice(0, -1),
      [Symbol.asyncDispose]: async () => {},
    };
  },
};
