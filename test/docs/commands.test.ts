import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { parseCommandLine } from "../../src/cli/parse.ts";
import { type Cluster, startCluster } from "../support/kubernetes/cluster.ts";
import { blocksOf } from "./blocks.ts";

/**
 * The commands of all pages. Those of ```console blocks are run as they stand (readme.test.ts, kubernetes.test.ts); those of ```sh blocks name what a reader has of their
 * own, and are put to what reads them: to our command line, or by kubectl to an API server where nothing of the reader's is.
 */

const root = join(import.meta.dirname, "../..");
const pages = globSync(["*.md", "docs/**/*.md"], { cwd: root }).sort();
const read = (page: string) => readFileSync(join(root, page), "utf8");

test("those that pages show with their output are all run", () => {
  expect(pages.filter((page) => read(page).includes("```console"))).toEqual([
    "README.md",
    "docs/getting-started.md",
    "docs/install.md",
    "docs/kubernetes.md",
    "docs/passwords.md",
  ]);
});

const told = pages.flatMap((page) => [...inBlocks(page), ...inProse(page)].map((words) => ({ page, words })));
const isOurs = (words: readonly string[]) => words[0] === "rollcall" || words[1] === "rollcall";

describe("rollcall knows", () => {
  const ours = told.filter(({ words }) => isOurs(words) && !isSynopsis(words));

  test.each(ours.map(({ page, words }) => [words.join(" "), page, words] as const))(
    "%s (%s)",
    (_, __, words) => {
      const [name, ...rest] = words.slice(words.indexOf("rollcall") + 1);
      const command = commands.find((each) => each.name === name);
      expect(command?.name).toBe(name);
      expect(() => command && parseCommandLine(command, rest)).not.toThrow();
    },
  );
});

describe("kubectl and an API server with Rollcall's kinds know", () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster();
    await cluster.apply(serviceMonitors);
    await cluster.installCrds();
  });
  afterAll(() => cluster?.stop());

  const theirs = told.filter(({ words }) => words[0] === "kubectl" && !isOurs(words));

  test.each(theirs.map(({ page, words }) => [words.join(" "), page, words] as const))(
    "%s (%s)",
    async (_, __, [, ...words]) => {
      const { code, stderr } = await cluster.kubectl(words);
      if (code !== 0) expect(stderr).not.toMatch(misunderstood);
    },
  );

  test.each([
    "get nobodies",
    "get pods --everywhere",
    "look at",
    "get pods -o widest",
    "annotate target/people",
  ])("better than: %s", async (command) => {
    expect((await cluster.kubectl(command.split(" "))).stderr).toMatch(misunderstood);
  });
});

/** What kubectl says where a command is wrong, and not only about something that is not there. */
const misunderstood =
  /^error: (?!.*(?:not found|no such file|Metrics API))|unknown (?:flag|command)|doesn't have a resource type/m;

/** Lines of ```sh blocks, as words, up to the first comment, pipe or redirection. */
function inBlocks(page: string): readonly string[][] {
  return blocksOf(read(page))
    .filter(({ language }) => language === "sh")
    .flatMap(({ text }) => text.replaceAll(/ *\\\n +/g, " ").split("\n"))
    .map(wordsOf)
    .filter(([program]) => program === "rollcall" || program === "kubectl");
}

/** Commands with flags within sentences; without, a sentence may just name them. */
function inProse(page: string): readonly string[][] {
  return [...read(page).matchAll(/`((?:kubectl )?rollcall [^`]* -[^`]*)`/g)].map(([, command]) =>
    wordsOf(command!),
  );
}

function wordsOf(line: string): string[] {
  const words = [...line.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) => word);
  const end = words.findIndex((word) => /^(?:#|\||>|&&)/.test(word));
  return (end < 0 ? words : words.slice(0, end)).map((word) => word.replaceAll(/["']/g, ""));
}

/** `rollcall plan [flags]` and `rollcall COMMAND --help`, as docs/cli.md has it. */
function isSynopsis(words: readonly string[]): boolean {
  return words.at(-1) === "[flags]" || words.includes("COMMAND");
}

/** Of the Prometheus operator, which the runbooks ask for. */
const serviceMonitors = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: servicemonitors.monitoring.coreos.com }
spec:
  group: monitoring.coreos.com
  names: { plural: servicemonitors, singular: servicemonitor, kind: ServiceMonitor }
  scope: Namespaced
  versions:
    - { name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object } } }
`;
