import { globSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { blocksOf } from "../docs/blocks.ts";
import { alerts, placeOf, shipped } from "./shipped.ts";

const pages = globSync("docs/runbooks/*.md", { cwd: placeOf(".") }).sort();
const all = alerts();

test("each alert has a page, and each page an alert", () => {
  expect(pages.map((page) => basename(page, ".md"))).toEqual(all.map(({ alert }) => alert).sort());
});

test.each(all.map(({ alert, annotations }) => [alert, annotations.runbook_url]))(
  "%s leads to its page: %s",
  (alert, url) => {
    expect(url.endsWith(`/docs/runbooks/${alert}.md`)).toBe(true);
  },
);

describe.each(pages)("%s", (page) => {
  const text = shipped(page);
  const typed = blocksOf(text)
    .filter(({ language }) => language === "sh")
    .flatMap((block) => block.text.trimEnd().split("\n"));

  test("says what it means, who notices, where to look, how to mend it and how to silence it", () => {
    expect([...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual([
      "What it means",
      "What people notice",
      "Look",
      "Mend",
      "Silence",
    ]);
  });

  test("is silenced by its own name", () => {
    expect(typed.at(-1)).toContain(`alertname=${basename(page, ".md")} `);
  });
});
