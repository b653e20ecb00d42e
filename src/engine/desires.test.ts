import { expect, test } from "vitest";
import { person } from "../../test/support/company.ts";
import { World } from "../../test/support/world.ts";
import { resolve } from "../resources/resolve.ts";
import { Desires } from "./desires.ts";

test("an identity is the object that has its id, whatever the objects' names are", () => {
  const world = new World();
  world.put(person("alice", { id: "bob" }), person("bob", { id: "alice" }), person("carol"));
  const { snapshot } = resolve(world.reading(), world.known, world.now);
  const desires = new Desires(snapshot, new Map(), new Map());
  const nameOf = (id: string) => desires.identity(id)?.resource.name;
  expect(["alice", "bob", "carol", "dave"].map(nameOf)).toEqual(["bob", "alice", "carol", undefined]);
  expect([...desires.identities()].sort()).toEqual(["alice", "bob", "carol"]);
});
