import { expect, test } from "vitest";
import { parse } from "yaml";
import { Metrics } from "../../src/server/metrics.ts";
import { blocksOf } from "../docs/blocks.ts";
import { promtool } from "../support/prometheus.ts";
import { alerts, metricsIn, placeOf, servedMetrics, shipped } from "./shipped.ts";

const all = alerts();

test("promtool finds nothing wrong with the rules", async () => {
  const rules = placeOf("manifests/monitoring/alerts.yaml");
  expect(await promtool(["check", "rules", rules])).toMatchObject({ code: 0 });
});

test("each alert fires when it should, clears, and stays quiet in the harmless case beside it: promtool test rules", async () => {
  const { code, output } = await promtool([
    "test",
    "rules",
    placeOf("manifests/monitoring/alerts_test.yaml"),
  ]);
  expect(output).toContain("SUCCESS");
  expect(code).toBe(0);
});

test.each(all.map(({ alert }) => alert))("%s has a case in which it fires", (alert) => {
  expect(shipped("manifests/monitoring/alerts_test.yaml")).toContain(
    `ALERTS{alertname="${alert}", alertstate="firing"`,
  );
});

test("the PrometheusRule has the same groups", () => {
  const { spec } = parse(shipped("manifests/monitoring/prometheusrule.yaml"));
  expect(spec).toEqual(parse(shipped("manifests/monitoring/alerts.yaml")));
});

test.each(all.map(({ alert, expr }) => [alert, metricsIn(expr)]))(
  "%s reads metrics that there are: %j",
  async (_, names) => {
    const served = await servedMetrics();
    expect(names).not.toEqual([]);
    expect(names.filter((name) => !served.has(name))).toEqual([]);
  },
);

test("the table in the documentation has each alert as it is", () => {
  const rows = [
    ...shipped("docs/monitoring.md").matchAll(/^\| \[(\w+)\]\(runbooks\/(\w+)\.md\) \| (\w+) \| (\w+) \|/gm),
  ];
  expect(rows.map(([, name, page, severity, after]) => [name, page, severity, after])).toEqual(
    all.map(({ alert, labels, for: after }) => [alert, alert, labels.severity, after]),
  );
});

test("the chart has the values that the documentation sets", () => {
  const documented = blocksOf(shipped("docs/monitoring.md"))
    .filter(({ language }) => language === "yaml")
    .map(({ text }) => parse(text));
  const values = parse(shipped("charts/rollcall/values.yaml"));
  const { monitoring } = documented.find((block) => "monitoring" in block);
  expect(values.monitoring.serviceMonitor).toMatchObject(blank(monitoring.serviceMonitor));
  expect(values.monitoring.prometheusRule).toMatchObject(blank(monitoring.prometheusRule));
  expect(values).toHaveProperty("podAnnotations");
  expect(documented.some((block) => "podAnnotations" in block)).toBe(true);
});

test("promtool finds nothing wrong with what is scraped", async () => {
  const metrics = new Metrics("1.2.3");
  try {
    expect(await promtool(["check", "metrics"], await metrics.scrape())).toEqual({ code: 0, output: "" });
  } finally {
    metrics.close();
  }
});

/** The same keys, whatever they are set to. */
function blank(values: object): object {
  return Object.fromEntries(Object.keys(values).map((key) => [key, expect.anything()]));
}
