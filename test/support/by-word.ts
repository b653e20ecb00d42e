import { notebookOf } from "../../src/cli/notebook.ts";
import type { ConnectorType } from "../../src/connectors/contract.ts";
import { manualConnector } from "../../src/connectors/manual/manual.ts";
import type { Notebook } from "../../src/connectors/notebook.ts";
import type { Stores } from "../../src/engine/stores.ts";
import { ByHand } from "./by-hand.ts";
import { company } from "./company.ts";
import type { Tampering } from "./world.ts";

/** A company whose people keep something of which there is nothing but their word. */
export class ByWord extends ByHand {
  /** What goes wrong when something is to be kept: it is not, or it is and nobody is told. */
  loses: "nothing" | "writes" | "answers" = "nothing";

  static override with(target: Record<string, unknown> = {}, tampering: Tampering = {}): ByWord {
    const world = new ByWord(undefined, tampering);
    const [, , , ...rest] = company();
    world.put(
      {
        kind: "Store",
        name: "directory",
        spec: { manual: { entitlements: ["lab"], attributes: { mail: { required: true }, room: {} } } },
      },
      {
        kind: "Target",
        name: "people",
        spec: {
          store: { name: "directory" },
          mode: "Enforce",
          tasks: { owner: "records" },
          accounts: {
            when: "identity.userType == 'Employee'",
            name: { expression: "identity.userName" },
            attributes: {
              mail: { expression: "primary(identity.emails)" },
              room: { expression: "identity.title" },
            },
          },
          ...target,
        },
      },
      {
        kind: "AccessProfile",
        name: "lab",
        spec: { target: { name: "people" }, entitlements: [{ name: "lab" }] },
      },
      ...rest,
    );
    return world;
  }

  override stores(): Stores {
    const type = manualConnector as ConnectorType;
    const stores = super.stores();
    return {
      ...stores,
      connect: (store) =>
        type.connect(store.spec.block.config, {
          secret: () => Promise.reject(new Error("no secrets here")),
          path: (path) => path,
          notebook: this.notebook(store.name),
        }),
    };
  }

  /** Who there is by people's word, and what they hold: `ann (lab)`. */
  async records(): Promise<readonly string[]> {
    const texts = [...(await this.notebook("directory").read())];
    const all = <T>(kind: string) =>
      texts.flatMap(([key, text]) => (key.startsWith(`${kind} `) ? [JSON.parse(text) as T] : []));
    const held = all<{ name: string; members: string[] }>("entitlement");
    return all<{ anchor: string; name: string; enabled: boolean }>("account").map(
      ({ anchor, name, enabled }) => {
        const names = held.flatMap((each) => (each.members.includes(anchor) ? [each.name] : []));
        return `${name}${enabled ? "" : " disabled"} (${names})`;
      },
    );
  }

  notebook(store: string): Notebook {
    const kept = async () => notebookOf(await this.state(), store);
    return {
      id: "state",
      read: async () => (await kept()).read(),
      write: async (texts) => {
        if (this.loses !== "writes") await (await kept()).write(texts);
        if (this.loses !== "nothing") throw new Error("no answer");
      },
    };
  }
}
