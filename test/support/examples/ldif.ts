import { join } from "node:path";
import { LdifFile } from "../ldif-file.ts";
import type { Example } from "./example.ts";

export const ldifExample: Example = {
  folder: "ldif",
  holds: ["ada: lab, staff", "charles: "],
  async start(manifests) {
    const file = new LdifFile(join(manifests, "directory.ldif"));
    return {
      environment: {},
      own: {},
      async read() {
        const entries = [...(await file.read())];
        const groupsOf = (dn: string) =>
          entries.filter(([, { member }]) => member?.includes(dn)).flatMap(([, { cn }]) => cn ?? []);
        return entries
          .filter(([, { uid }]) => uid !== undefined)
          .map(([dn, { uid }]) => `${uid}: ${groupsOf(dn).sort().join(", ")}`)
          .sort();
      },
      [Symbol.asyncDispose]: async () => {},
    };
  },
};
