import { expect, test } from "vitest";
import { company, person } from "../../test/support/company.ts";
import { World } from "../../test/support/world.ts";
import type { Connector, Outcome } from "../connectors/contract.ts";
import { MemoryStore } from "../connectors/memory/store.ts";

const lab = "cn=lab,ou=groups,dc=example,dc=org";
const ada = "uid=ada,ou=people,dc=example,dc=org";

test("a membership taken outside is granted again though the store told no version when it was given", async () => {
  const world = worldOf(storeWithLab());
  await world.apply();

  world.store.removeMember(lab, ada);
  expect(await planned(world)).toEqual(["Grant lab"]);
  await world.apply();
  expect(await planned(world)).toEqual([]);
});

test("a membership that was adopted is watched as one that was granted", async () => {
  const store = storeWithLab();
  store.addAccount(ada, { employeeNumber: ["E-ada"] });
  store.addMember(lab, ada);
  const world = worldOf(store);
  await world.apply({ shown: { has: () => true } });

  store.removeMember(lab, ada);
  expect(await planned(world)).toEqual(["Grant lab"]);
});

function storeWithLab(): MemoryStore {
  const store = new MemoryStore({ nameMatching: "distinguishedName" });
  store.addEntitlement(lab);
  return store;
}

function worldOf(store: MemoryStore): World {
  return new World(store, { connector: withoutVersions }).put(...company(), person("ada"));
}

async function planned(world: World): Promise<string[]> {
  const [report] = await world.plan();
  return (report?.guarded.items ?? []).map((item) =>
    item.kind === "membership" ? `${item.operation} lab` : `${item.operation} ${item.name}`,
  );
}

/** A store where only a read would tell the version after a change, as in SQL and LDAP. */
function withoutVersions(connector: Connector): Connector {
  return {
    ...connector,
    async *apply(changes, call) {
      for await (const outcome of connector.apply(changes, call)) yield withoutVersion(outcome);
    },
  };
}

function withoutVersion(outcome: Outcome): Outcome {
  if (!outcome.ok) return outcome;
  const { version: _, ...rest } = outcome;
  return rest;
}
