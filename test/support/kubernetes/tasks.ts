import { dn } from "../company.ts";
import { waitFor } from "../wait.ts";
import type { Organisation } from "./organisation.ts";

export interface TaskObject {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly outcome?: string };
  readonly status?: {
    readonly phase?: string;
    readonly account?: string;
    readonly what?: string;
    readonly changes?: readonly string[];
    readonly conditions?: readonly { readonly reason: string; readonly message: string }[];
  };
}

/** An entitlement of the directory that people keep. */
export const lab = { anchor: "lab", name: "lab", attributes: {}, members: [] };

async function tasks(acme: Organisation): Promise<readonly TaskObject[]> {
  return JSON.parse(await acme.must("get", "ptask", "-o", "json")).items;
}

/** The only task, once it is in this phase. */
export function task(acme: Organisation, phase: string): Promise<TaskObject> {
  return waitFor(
    async () => {
      const all = await tasks(acme);
      const found = all.filter((each) => each.status?.phase === phase);
      if (all.length === 1 && found[0]) return found[0];
      throw new Error(`there are ${all.map(({ status }) => `${status?.phase} ${status?.what}`)}`);
    },
    { what: `one task that is ${phase}`, every: 100 },
  );
}

/** What the person does by hand who was asked for it. */
export function make(acme: Organisation, name: string): Promise<void> {
  return acme.writeStore({
    accounts: [
      {
        ...{ anchor: name, name: dn(name), enabled: true },
        attributes: {
          mail: [`${name}@example.org`],
          employeeNumber: [`E-${name}`],
          department: ["Research"],
        },
      },
    ],
    entitlements: [{ ...lab, members: [name] }],
  });
}
