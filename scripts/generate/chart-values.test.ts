import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { chartValues } from "./chart-values.ts";

const values = chartValues();

test("every value of the chart has a meaning in its schema", () => {
  expect(values.filter(({ description }) => description === undefined)).toEqual([]);
});

test("every value that the schema admits has a default in values.yaml, apart from Helm's own", () => {
  const absent = values.filter((value) => value.default === undefined);
  expect(absent.map(({ path }) => path)).toEqual(["global"]);
});

test("the chart installs the version that this is", () => {
  const read = (path: string) => parse(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"));
  const { version } = read("package.json");
  expect(read("charts/rollcall/Chart.yaml")).toMatchObject({ version, appVersion: version });
});
