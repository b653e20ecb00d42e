import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Example } from "./example.ts";

const content = z.object({
  accounts: z.array(z.object({ anchor: z.string(), name: z.string() })),
  entitlements: z.array(z.object({ name: z.string(), members: z.array(z.string()) })),
});

export const memoryExample: Example = {
  folder: "memory",
  holds: [
    "uid=ada,ou=people,dc=example,dc=org: cn=lab,ou=groups,dc=example,dc=org",
    "uid=grace,ou=people,dc=example,dc=org: cn=lab,ou=groups,dc=example,dc=org",
  ],
  async start(manifests) {
    return {
      environment: {},
      own: {},
      async read() {
        const text = await readFile(join(manifests, "directory.json"), "utf8");
        const { accounts, entitlements } = content.parse(JSON.parse(text));
        return accounts.map(({ anchor, name }) => {
          const held = entitlements.filter(({ members }) => members.includes(anchor));
          return `${name}: ${held.map((entitlement) => entitlement.name).join(", ")}`;
        });
      },
      [Symbol.asyncDispose]: async () => {},
    };
  },
};
