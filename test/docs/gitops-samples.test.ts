import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";

/** manifests/gitops: they parse, and Argo CD's health check says of an object what its conditions say. */

const run = promisify(execFile);
const samples = join(import.meta.dirname, "../../manifests/gitops");
const objectsOf = (file: string) =>
  parseAllDocuments(readFileSync(join(samples, file), "utf8")).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as { kind: string; spec: Record<string, unknown>; data: Record<string, string> };
  });

test("Flux prunes people and not what connects, and orphans when it goes itself", () => {
  const [, targets, people] = objectsOf("flux.yaml");
  expect(targets?.spec).toMatchObject({ prune: false, wait: true });
  expect(people?.spec).toMatchObject({ prune: true, deletionPolicy: "Orphan" });
});

describe("Argo CD's health of an object", () => {
  const [, configMap] = objectsOf("argocd.yaml");
  const customizations = parse(configMap!.data["resource.customizations"]!);
  const script: string = customizations["rollcall.dev/*"]["health.lua"];

  /** Argo CD speaks Lua 5.1, and gives the object as `obj`. */
  async function health(object: unknown): Promise<string> {
    const program = `local obj = ${lua(object)}\nlocal function check()\n${script}\nend\nlocal hs = check()\nprint(hs.status .. ": " .. hs.message)`;
    return (await run("lua5.1", ["-e", program])).stdout.trim();
  }

  const ready = (status: string, message: string) => ({ type: "Ready", status, message });
  const looked = (...conditions: readonly object[]) => ({
    metadata: { generation: 2 },
    spec: {},
    status: { observedGeneration: 2, conditions },
  });

  test.each<[string, object, string]>([
    [
      "that nobody has looked at",
      { metadata: { generation: 1 }, spec: {} },
      "Progressing: Rollcall has not looked",
    ],
    [
      "whose newest version nobody has looked at",
      { ...looked(ready("True", "as declared")), metadata: { generation: 3 } },
      "Progressing: Rollcall has not looked at the newest version yet",
    ],
    ["that is as declared", looked(ready("True", "as declared")), "Healthy: as declared"],
    ["that is being worked on", looked(ready("False", "on its way")), "Progressing: on its way"],
    [
      "that waits for somebody",
      looked(ready("False", "held"), { type: "Stalled", status: "True", message: "6 of 5" }),
      "Degraded: 6 of 5",
    ],
    [
      "that is suspended",
      { ...looked(ready("False", "x")), spec: { suspend: true } },
      "Suspended: suspend: true",
    ],
    [
      "whose drift is only told",
      looked({ type: "Drifted", status: "True", message: "3" }, ready("True", "observed")),
      "Healthy: observed",
    ],
  ])("%s", async (_, object, expected) => expect(await health(object)).toContain(expected));
});

/** A value as Lua writes it. */
function lua(value: unknown): string {
  if (Array.isArray(value)) return `{${value.map(lua).join(", ")}}`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `[${JSON.stringify(name)}] = ${lua(member)}`);
  return `{${members.join(", ")}}`;
}
