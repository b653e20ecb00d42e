import { beforeEach, expect, test } from "vitest";
import type { ManifestParser } from "../../core/kinds/parse.ts";
import { manifestParser } from "../../core/kinds/parse.ts";
import { NamespaceObjects } from "./namespace-objects.ts";
import type { ClusterObject } from "./objects.ts";

let parsed: string[];
let told: number;
let objects: NamespaceObjects;

beforeEach(() => {
  const parser = manifestParser([]);
  const counting: ManifestParser = {
    ...parser,
    parse(value, digest) {
      parsed.push(digest);
      return parser.parse(value, digest);
    },
  };
  [parsed, told] = [[], 0];
  objects = new NamespaceObjects(counting, () => told++);
});

test("an object is parsed once a generation, however often its status is written", async () => {
  objects.put("Identity", identity(1));
  await objects.parse();
  objects.put("Identity", { ...identity(1, "12"), status: { conditions: [] } });
  await objects.parse();
  expect(parsed).toEqual(["uid-1/1"]);
  expect(objects.get("Identity", "ada")).toMatchObject({
    status: { conditions: [] },
    metadata: { resourceVersion: "12" },
  });
  objects.put("Identity", identity(2, "13"));
  await objects.parse();
  expect([parsed, told, objects.newest]).toEqual([["uid-1/1", "uid-1/2"], 2, 13]);
});

test("an object that was made anew under its name is parsed, though its generation is the first again", async () => {
  objects.put("Identity", identity(1));
  await objects.parse();
  const anew = identity(1, "12");
  objects.put("Identity", { ...anew, metadata: { ...anew.metadata, uid: "uid-2" } });
  await objects.parse();
  expect(parsed).toEqual(["uid-1/1", "uid-2/1"]);
});

test("a list leaves what it has as it is, and takes away what it has not", async () => {
  objects.put("Identity", identity(1));
  objects.put("Grant", { ...identity(1), kind: "Grant" });
  await objects.parse();
  const before = [...objects.verdicts("Identity")];
  objects.replace("Identity", [identity(1)]);
  expect([...objects.verdicts("Identity")]).toEqual(before);
  expect([before[0]![1] === [...objects.verdicts("Identity")][0]![1], parsed.length]).toEqual([true, 2]);
  objects.replace("Grant", []);
  expect(objects.get("Grant", "ada")).toBeUndefined();
});

test("an object that goes before it was parsed leaves nothing behind", async () => {
  objects.put("Identity", identity(1));
  objects.remove("Identity", identity(1));
  await objects.parse();
  expect([parsed, [...objects.verdicts("Identity")], objects.isParsed]).toEqual([[], [], true]);
});

test("at first everything may be missing; then what was removed, until it is proven", () => {
  expect(objects.takeMissing()).toHaveLength(7);
  objects.put("Identity", identity(1));
  expect(objects.takeMissing()).toEqual([]);
  objects.put("Identity", {
    ...identity(1),
    metadata: { ...identity(1).metadata, deletionTimestamp: "now" },
  });
  objects.put("Identity", identity(1, "14"));
  expect(objects.takeMissing()).toEqual(["Identity"]);
  objects.giveBack(["Identity"]);
  expect(objects.takeMissing()).toEqual(["Identity"]);
});

test("a request for a pass is told, and parsed nothing for", async () => {
  objects.put("Identity", identity(1));
  await objects.parse();
  const asking = identity(1, "12");
  const annotations = { "rollcall.dev/requestedAt": "now" };
  objects.put("Identity", { ...asking, metadata: { ...asking.metadata, annotations } });
  await objects.parse();
  expect([told, parsed.length]).toEqual([2, 1]);
});

function identity(generation: number, resourceVersion = "11"): ClusterObject {
  return {
    apiVersion: "rollcall.dev/v1alpha1",
    kind: "Identity",
    metadata: {
      ...{ name: "ada", namespace: "acme", uid: "uid-1", resourceVersion, generation },
      creationTimestamp: "2026-01-01T00:00:00Z",
    },
    spec: { userName: "ada" },
  };
}
