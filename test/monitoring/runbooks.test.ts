import { globSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { commands } from "../../src/cli/commands.ts";
import { parseCommandLine } from "../../src/cli/parse.ts";
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
    .filter(({ language }) => language === "console")
    .flatMap((block) => [...block.text.matchAll(/^\$ (.*)$/gm)].map(([, command]) => command!));

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

  test.each(typed.filter((command) => command.startsWith("rollcall ")))(
    "tells a command that there is: %s",
    (typedCommand) => {
      const [, name, ...words] = typedCommand.split(/\s+/);
      const command = commands.find((each) => each.name === name)!;
      expect(() => parseCommandLine(command, words)).not.toThrow();
    },
  );

  test.each(typed.filter((command) => /^kubectl (get|describe|annotate) [a-z]/.test(command)))(
    "asks for kinds that there are: %s",
    (command) => {
      const named = command.split(/\s+/)[2]!.split(",");
      expect(named.filter((kind) => !served.has(kind))).toEqual([]);
    },
  );
});

/** What kubectl calls the kinds: ours, and those of Kubernetes that the pages ask for. */
const served = new Set([
  ...globSync("crds/*.yaml", { cwd: placeOf(".") }).flatMap((file) => {
    const { plural, singular } = parse(shipped(file)).spec.names;
    return [plural, singular];
  }),
  ...["pods", "deployment", "lease", "persistentvolumeclaims", "crds", "namespaces", "servicemonitors"],
]);
