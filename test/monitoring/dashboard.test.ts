import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { type Prometheus, startPrometheus } from "../support/prometheus.ts";
import { metricsIn, servedMetrics, shipped } from "./shipped.ts";

const place = z.object({
  x: z.int().min(0),
  y: z.int().min(0),
  w: z.int().min(1).max(24),
  h: z.int().min(1),
});
const source = z.object({ type: z.literal("prometheus"), uid: z.string().regex(/^\$\{datasource\}$/) });
const panel = z.object({
  id: z.int(),
  type: z.string(),
  title: z.string().min(1),
  gridPos: place,
  description: z.string().optional(),
  datasource: source.optional(),
  targets: z.array(z.object({ refId: z.string(), expr: z.string(), datasource: source })).default([]),
});
const variable = z.object({ name: z.string(), type: z.string() });
const { uid, panels, templating } = z
  .object({ uid: z.string(), panels: z.array(panel), templating: z.object({ list: z.array(variable) }) })
  .parse(JSON.parse(shipped("manifests/monitoring/dashboard.json")));

const graphs = panels.filter(({ type }) => type !== "row");

describe("the dashboard", () => {
  test("has a name of its own, and asks for the data source, the realm and the target", () => {
    expect(uid).toBe("rollcall");
    expect(templating.list.map(({ name, type }) => `${name}: ${type}`)).toEqual([
      "datasource: datasource",
      "realm: query",
      "target: query",
    ]);
  });

  test("has its rows", () => {
    const rows = panels.filter(({ type }) => type === "row").map(({ title }) => title);
    expect(rows).toEqual([
      "Health at a glance",
      "Drift and holds",
      "Changes",
      "Stores",
      "Loop and API",
      "Process",
    ]);
  });

  test("gives each panel an id and a place of its own", () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const overlapping = panels.flatMap((one, index) =>
      panels.slice(index + 1).filter((other) => overlap(one.gridPos, other.gridPos)),
    );
    expect(overlapping.map(({ title }) => title)).toEqual([]);
    expect(panels.filter(({ gridPos }) => gridPos.x + gridPos.w > 24)).toEqual([]);
  });

  test.each(graphs.map((graph) => [graph.title, graph] as const))(
    "says what %s shows, from the chosen data source",
    (_, graph) => {
      expect(graph.description).toBeTruthy();
      expect(graph.datasource).toBeDefined();
      expect(graph.targets).not.toEqual([]);
      expect(new Set(graph.targets.map(({ refId }) => refId)).size).toBe(graph.targets.length);
    },
  );

  test("reads metrics that there are", async () => {
    const served = await servedMetrics();
    const read = graphs.flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsIn(expr)));
    expect(read.filter((name) => !served.has(name))).toEqual([]);
  });
});

describe("a real Prometheus", () => {
  let prometheus: Prometheus;

  beforeAll(async () => {
    prometheus = await startPrometheus();
  });

  afterAll(() => prometheus.stop());

  const expressions = graphs.flatMap(({ title, targets }) =>
    targets.map(({ refId, expr }) => [title, refId, expr] as const),
  );

  test.each(expressions)("evaluates %s %s", async (_title, _refId, expression) => {
    const chosen = expression.replaceAll("$realm", ".*").replaceAll("$target", ".*");
    expect(chosen).not.toContain("$");
    await expect(prometheus.query(chosen)).resolves.toBeInstanceOf(Array);
  });

  test("tells of an expression that is none, so that the others prove something", async () => {
    await expect(prometheus.query("sum by (target) rollcall_held{")).rejects.toThrow(/parse error/);
  });
});

function overlap(one: z.infer<typeof place>, other: z.infer<typeof place>): boolean {
  const apart = (a: number, length: number, b: number, other: number) => a + length <= b || b + other <= a;
  return !apart(one.x, one.w, other.x, other.w) && !apart(one.y, one.h, other.y, other.h);
}
