import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { waitFor } from "../support/wait.ts";
import {
  type Bench,
  byName,
  call,
  connect,
  create,
  eavesdropping,
  failure,
  need,
  refused,
  samples,
  scan,
  target,
  whileDown,
} from "./bench.ts";

export function faultCases(bench: Bench): void {
  const { features } = bench;

  describe("faults", () => {
    if (features.droppedMidPage === true) {
      it("a connection dropped in mid-page is an error, never a short list, and the next scan is whole", async () => {
        const { harness, connector } = bench;
        await harness.outside.fill(samples(harness, 2_500));
        await scan(connector);
        await need(harness.faults.dropMidPage, "dropMidPage")();
        expect(whileDown).toContain((await failure(scan(connector))).kind);
        expect(await scan(connector)).toHaveLength(2_500);
      });
    }

    if (features.restart === true) {
      it("a stopped server is an error of every call, and after its start the same connector works, logged in", async () => {
        const { harness, connector } = bench;
        const [one, two] = samples(harness, 2);
        await harness.outside.fill([one!]);
        const record = await byName(connector, one!.name);
        await need(harness.faults.stopServer, "stopServer")();
        expect(whileDown).toContain((await failure(scan(connector))).kind);
        expect(whileDown).toContain((await failure(connector.fetch([record.anchor], call()))).kind);
        expect(whileDown).toContain((await failure(bench.connection.fingerprint(call()))).kind);
        expect([...whileDown, "InDoubt"]).toContain((await refused(connector, create(two!))).kind);
        await need(harness.faults.startServer, "startServer")();
        expect(await scan(connector)).toHaveLength(1);
        expect((await connector.fetch([record.anchor], call()))[0]).toMatchObject({ anchor: record.anchor });
      });
    }

    if (features.lostAnswer === true) {
      it("a change whose answer was lost is in doubt, not failed", async () => {
        const { harness, connector } = bench;
        const sample = harness.account("ada");
        await scan(connector);
        await need(harness.faults.loseAnswer, "loseAnswer")();
        expect((await refused(connector, create(sample))).kind).toBe("InDoubt");
        await waitFor(() => harness.outside.read(sample), { what: "the account is there" });
        expect((await byName(connector, sample.name)).name).toBe(sample.name);
      });
    }

    if (features.wrongPassword === true) {
      it("a wrong password is Unauthenticated, and stays out of the error", async () => {
        const { harness } = bench;
        const { environment, secrets } = eavesdropping(harness);
        const store = need(harness.faults.wrongPassword, "wrongPassword");
        const connection = connect(harness, store, environment);
        const connector = target(harness, connection);
        for (const work of [() => scan(connector), () => connector.check(call())]) {
          const error = await failure(work());
          expect(error.kind).toBe("Unauthenticated");
          expect(secrets.size).toBeGreaterThan(0);
          for (const secret of secrets) expect(inspect(error, { depth: 10 })).not.toContain(secret);
        }
        await connection.close();
      });
    }

    if (features.readOnly === true) {
      it("a credential that may only read reads, and its changes are Denied", async () => {
        const { harness } = bench;
        const sample = harness.account("ada");
        await harness.outside.fill([sample]);
        const connection = connect(harness, need(harness.faults.readOnly, "readOnly"));
        const connector = target(harness, connection);
        expect(await scan(connector)).toHaveLength(1);
        expect((await refused(connector, create(harness.account("grace")))).kind).toBe("Denied");
        await connection.close();
      });
    }

    it("a closed connection is Unavailable", async () => {
      const { harness } = bench;
      const connection = connect(harness);
      const connector = target(harness, connection);
      await scan(connector);
      await connection.close();
      expect((await failure(scan(connector))).kind).toBe("Unavailable");
    });

    if (features.otherServer === true) {
      it("another server at the same address has another fingerprint", async () => {
        const { harness, connection } = bench;
        const before = await connection.fingerprint(call());
        await need(harness.faults.replaceServer, "replaceServer")();
        const isAnother = async () => (await connection.fingerprint(call())) !== before;
        await waitFor(isAnother, { what: "the fingerprint is another" });
      });
    }
  });
}
