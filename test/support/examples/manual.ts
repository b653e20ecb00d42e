import { dirname, join } from "node:path";
import { openState } from "../../../src/state/open.ts";
import type { Example } from "./example.ts";

interface Entitlement {
  readonly name: string;
  readonly members: readonly string[];
}

export const manualExample: Example = {
  folder: "manual",
  holds: ["ada: front door, lab", "charles: "],
  async start(manifests) {
    return {
      environment: {},
      own: {},
      async finish(run) {
        const list = await run("task", "list", "-o", "json");
        const { tasks } = JSON.parse(list.stdout) as { tasks: readonly { name: string }[] };
        for (const { name } of tasks) await run("task", "complete", name, "--by", "ann");
        await run("apply", "--yes");
      },
      async read() {
        await using state = await openedState(manifests);
        const records = [...(await state.notes("Store/office"))];
        const all = <T>(kind: string): T[] =>
          records.flatMap(([key, text]) => (key.startsWith(`${kind} `) ? [JSON.parse(text) as T] : []));
        const held = all<Entitlement>("entitlement");
        return all<{ anchor: string; name: string }>("account")
          .map(({ anchor, name }) => {
            const names = held.flatMap((each) => (each.members.includes(anchor) ? [each.name] : []));
            return `${name}: ${names.sort().join(", ")}`;
          })
          .sort();
      },
      [Symbol.asyncDispose]: async () => {},
    };
  },
};

async function openedState(manifests: string) {
  const state = await openState(join(dirname(manifests), "state.db"), { realm: "default", mode: "read" });
  return { notes: state.notes.bind(state), [Symbol.asyncDispose]: () => state.close() };
}
