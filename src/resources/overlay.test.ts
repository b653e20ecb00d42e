import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { company, person } from "../../test/support/company.ts";
import { type Manifest, World } from "../../test/support/world.ts";
import { connectors } from "../connectors/registry.ts";
import { manifestParser } from "../core/kinds/parse.ts";
import { type Overlay, overlaid } from "./overlay.ts";
import type { Reading } from "./resources.ts";

const parser = manifestParser(connectors);
const location = { file: "a.yaml", line: 3 };

function documentOf({ kind, name, spec }: Manifest, metadata: Record<string, unknown> = {}) {
  return { apiVersion: "rollcall.dev/v1alpha1", kind, metadata: { name, ...metadata }, spec };
}

function put(...manifests: readonly Manifest[]): Overlay["put"] {
  return manifests.map((manifest) => ({ manifest: documentOf(manifest), location }));
}

function lay(reading: Reading, overlay: Partial<Overlay>): Reading {
  const work = overlaid(reading, { put: [], remove: [], ...overlay }, parser);
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

const keysOf = ({ resources }: Reading) => resources.map(({ kind, name }) => `${kind}/${name}`).sort();
const reading = new World().put(...company(), person("alice"), person("bob")).reading();

test("what says the same stays the very same object, whatever was put beside it", () => {
  const after = lay(reading, { put: put(...company(), person("alice"), person("bob")) });
  expect(new Set(after.resources)).toEqual(new Set(reading.resources));
  for (const resource of after.resources) expect(reading.resources).toContain(resource);
});

test("what is edited or new has another digest, and its author's place", () => {
  const after = lay(reading, { put: put(person("alice", { title: "Dr" }), person("carol")) });
  expect(keysOf(after)).toEqual([...keysOf(reading), "Identity/carol"].sort());
  for (const name of ["alice", "carol"]) {
    const found = after.resources.find((each) => each.name === name);
    expect(found?.location).toEqual(location);
    expect(reading.resources.map(({ digest }) => digest)).not.toContain(found?.digest);
  }
});

test("a law: laid over and taken away again, everything is as it was but for what was edited", () => {
  const names = fc.uniqueArray(fc.constantFrom("alice", "bob", "carol", "dave"));
  fc.assert(
    fc.property(names, names, (added, removed) => {
      const remove = removed.map((name) => ({ kind: "Identity", name }));
      const after = lay(reading, { put: put(...added.map((name) => person(name, { title: "Dr" }))), remove });
      const expected = new Set(keysOf(reading));
      for (const name of removed) expected.delete(`Identity/${name}`);
      for (const name of added) expected.add(`Identity/${name}`);
      expect(keysOf(after)).toEqual([...expected].sort());
      expect([after.complete, after.invalid.size, after.problems]).toEqual([{ ok: true }, 0, []]);
    }),
  );
});

describe("what is not valid", () => {
  test.each<[string, unknown, RegExp]>([
    ["a wrong value", documentOf(person("alice", { department: 7 })), /must be a text/],
    ["an unknown field", documentOf(person("alice", { departmint: "x" })), /departmint|is not a known field/],
    [
      "another namespace",
      documentOf(person("alice"), { namespace: "other" }),
      /must be default, which is planned here/,
    ],
    [
      "another kind of object",
      { apiVersion: "v1", kind: "Secret", metadata: { name: "x" } },
      /is no manifest/,
    ],
    ["no name", { apiVersion: "rollcall.dev/v1alpha1", kind: "Identity", metadata: {}, spec: {} }, /./],
    ["nothing", {}, /is no manifest/],
  ])("%s is reported at its author's place", (_, manifest, message) => {
    const { problems } = lay(reading, { put: [{ manifest, location }] });
    expect(problems[0]).toMatchObject({ location, message: expect.stringMatching(message) });
  });

  test("counts as an invalid object: what was valid last stays in force", () => {
    const after = lay(reading, { put: put(person("alice", { department: 7 })) });
    expect(after.invalid.get("Identity/alice")).toContain("must be a text");
    expect(keysOf(after)).not.toContain("Identity/alice");
  });

  test("is not believed in another namespace: the object of that name here is another one", () => {
    const manifest = documentOf(person("alice", { title: "Dr" }), { namespace: "other" });
    const after = lay(reading, { put: [{ manifest }] });
    expect(after.resources).toEqual(reading.resources);
    expect(after.invalid.size).toBe(0);
  });

  test("is one object twice: neither counts", () => {
    const after = lay(reading, { put: put(person("carol"), person("carol", { title: "Dr" })) });
    expect(after.invalid.get("Identity/carol")).toContain("is declared twice");
    expect(keysOf(after)).toEqual(keysOf(reading));
  });

  test("is well when the overlay mends it", () => {
    const broken: Reading = {
      ...reading,
      resources: reading.resources.filter(({ name }) => name !== "alice"),
      invalid: new Map([["Identity/alice", "spec.department must be a text"]]),
      problems: [{ kind: "Identity", name: "alice", message: "must be a text" }],
    };
    const after = lay(broken, { put: put(person("alice")) });
    expect([after.invalid.size, after.problems]).toEqual([0, []]);
    expect(lay(broken, { remove: [{ kind: "Identity", name: "alice" }] }).invalid.size).toBe(0);
  });
});

test("what is said of a task plans nothing, and what is wrong with it is told", () => {
  const said = (spec: Record<string, unknown>): Manifest => ({
    ...{ kind: "ProvisioningTask", name: "people-1" },
    spec: { target: { name: "people" }, by: "ann", ...spec },
  });
  const after = lay(reading, { put: put(said({ outcome: "Completed" })) });
  expect([keysOf(after), after.invalid.size, after.problems]).toEqual([keysOf(reading), 0, []]);
  const broken = lay(reading, { put: put(said({ outcome: "Done" })) });
  expect([keysOf(broken), broken.invalid.size]).toEqual([keysOf(reading), 0]);
  expect(broken.problems).toMatchObject([{ name: "people-1", field: "spec.outcome", location }]);
});
