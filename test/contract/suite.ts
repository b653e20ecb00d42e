import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { accountCases } from "./account-cases.ts";
import { type Bench, connect, target } from "./bench.ts";
import { entitlementCases } from "./entitlement-cases.ts";
import { faultCases } from "./fault-cases.ts";
import { nameCases } from "./name-cases.ts";
import { passwordCases } from "./password-cases.ts";
import { readCases } from "./read-cases.ts";
import type { Subject } from "./subject.ts";

const capabilities = [
  "create",
  "update",
  "rename",
  "disable",
  "delete",
  "entitlements",
  "createEntitlements",
  "passwords",
  "restore",
  "expect",
] as const;

/** The obligations of `connectors/contract.ts`, as cases that run against a connector's real server. */
export function contractSuite(subject: Subject): void {
  describe(`connector ${subject.name}`, () => {
    const bench = { features: subject.features } as Bench;

    beforeAll(async () => {
      bench.harness = await subject.start();
      bench.connection = connect(bench.harness);
      bench.connector = target(bench.harness, bench.connection);
    });
    beforeEach(() => bench.harness.reset());
    afterAll(async () => {
      await bench.connection?.close();
      await bench.harness?.stop();
    });

    describe("declares", () => {
      for (const capability of capabilities) {
        const feature = subject.features[capability];
        it(feature === true ? capability : `no ${capability}: ${feature}`, () => {
          expect(bench.connector.capabilities[capability]).toBe(feature === true);
        });
      }
      for (const [extra, reason] of Object.entries(subject.features)) {
        if (reason === true || capabilities.some((capability) => capability === extra)) continue;
        it(`no ${extra}: ${reason}`, () => expect(reason).not.toBe(""));
      }
    });

    readCases(bench);
    accountCases(bench);
    passwordCases(bench);
    entitlementCases(bench);
    nameCases(bench);
    faultCases(bench);
  });
}
