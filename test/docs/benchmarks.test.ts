import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { page } from "../../bench/document.ts";
import type { FigureRecord } from "../../bench/record.ts";

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), "utf8");

test("the page of figures is made from what was measured, and not written over by hand", async () => {
  const measured = JSON.parse(await read("bench/figures.json")) as FigureRecord;
  expect(await read("docs/benchmarks.md")).toBe(page(measured));
});
