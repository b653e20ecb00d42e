import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import { z } from "zod";
import { apiVersion } from "../../src/core/kinds/kinds.ts";
import { blocksOf } from "../docs/blocks.ts";
import { type Cluster, startCluster } from "../support/kubernetes/cluster.ts";

/** Every object of ours that the docs and manifests/ show, put to a real API server that refuses unknown and doubled fields. */

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

const object = z.looseObject({
  apiVersion: z.literal(apiVersion),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string().optional() }),
});

/** A text that has objects of ours, told by where it stands. */
interface Example {
  readonly place: string;
  readonly objects: readonly z.infer<typeof object>[];
}

/** What the pages of connectors and targets show: a kind, and the part of its spec that they are about. */
const excerpt = z.strictObject({
  kind: z.enum(["Store", "Target"]),
  spec: z.looseObject({ accounts: z.looseObject({}).optional() }),
});

function example(place: string, yaml: string): Example[] {
  const objects = parseAllDocuments(yaml, { logLevel: "silent" })
    .map((document) => document.toJS())
    .flatMap((value) => object.safeParse(value).data ?? completed(value));
  return objects.length === 0 ? [] : [{ place, objects }];
}

function completed(value: unknown): z.infer<typeof object>[] {
  const { data } = excerpt.safeParse(value);
  if (!data) return [];
  const { kind, spec } = data;
  const accounts = { name: { expression: "identity.userName" }, ...spec.accounts };
  const needed = kind === "Target" ? { store: { name: "store" }, mode: "Observe", ...spec, accounts } : spec;
  return [{ apiVersion, kind, metadata: { name: "excerpt" }, spec: needed }];
}

const files = globSync("manifests/**/*.yaml", { cwd: root }).sort();
const pages = globSync(["*.md", "docs/**/*.md"], { cwd: root }).sort();
const inManifests = files.flatMap((file) => example(file, read(file)));
const inPages = pages.flatMap((page) =>
  blocksOf(read(page))
    .filter(({ language }) => language === "yaml")
    .flatMap(({ text }, index) => example(`${page} (${index + 1})`, text)),
);

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  await cluster.installCrds();
  await cluster.namespace("acme");
});
afterAll(() => cluster?.stop());

test("there are some in every place where a reader looks for them", () => {
  const all = [...inManifests, ...inPages].map(({ place }) => place).join("\n");
  for (const place of ["quickstart/", "examples/ldap", "demo/company", "README.md", "docs/connectors/sql.md"])
    expect(all).toContain(place);
});

describe("the API server takes what is shown in", () => {
  test.each([...inManifests, ...inPages].map((each) => [each.place, each.objects] as const))(
    "%s",
    async (_, objects) => {
      const input = objects.map((each) => stringify(each)).join("---\n");
      const words = ["create", "--dry-run=server", "--validate=strict", "--warnings-as-errors", "-f", "-"];
      expect(await cluster.kubectl(words, { input })).toMatchObject({ code: 0, stderr: "" });
    },
  );

  test("and nothing that has an unknown field", async () => {
    const [first] = inManifests.flatMap(({ objects }) => objects);
    const input = stringify({ ...first, spec: { ...z.looseObject({}).parse(first?.spec), colour: "red" } });
    const words = ["create", "--dry-run=server", "--validate=strict", "-f", "-"];
    expect((await cluster.kubectl(words, { input })).stderr).toContain('unknown field "spec.colour"');
  });
});

test("kustomize builds manifests/quickstart, and the API server takes it", async () => {
  const words = ["apply", "--dry-run=server", "--validate=strict", "-k", join(root, "manifests/quickstart")];
  expect(await cluster.kubectl(words)).toMatchObject({ code: 0, stderr: "" });
});
