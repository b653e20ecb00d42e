import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { withServicesHeldBack } from "./service-policy.ts";

let policy: string;

beforeEach(() => {
  policy = join(mkdtempSync(join(tmpdir(), "policy-")), "policy-rc.d");
});

test("forbids every start meanwhile, and takes the policy away when there was none", () => {
  withServicesHeldBack(
    () => expect(() => execFileSync(policy)).toThrow(expect.objectContaining({ status: 101 })),
    policy,
  );
  expect(existsSync(policy)).toBe(false);
});

test("puts the policy back that was there, its mode too, even when the work fails", () => {
  writeFileSync(policy, "#!/bin/sh\nexit 0\n");
  chmodSync(policy, 0o744);
  const work = () => {
    throw new Error("no network");
  };
  expect(() => withServicesHeldBack(work, policy)).toThrow("no network");
  expect(readFileSync(policy, "utf8")).toBe("#!/bin/sh\nexit 0\n");
  expect(statSync(policy).mode & 0o777).toBe(0o744);
});
