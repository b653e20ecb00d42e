import { expect, test } from "vitest";
import { chartValues } from "./chart-values.ts";

const values = chartValues();

test("every value of the chart has a meaning in its schema", () => {
  expect(values.filter(({ description }) => description === undefined)).toEqual([]);
});

test("every value that the schema admits has a default in values.yaml, apart from Helm's own", () => {
  const absent = values.filter((value) => value.default === undefined);
  expect(absent.map(({ path }) => path)).toEqual(["global"]);
});
