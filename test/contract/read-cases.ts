import { describe, expect, it } from "vitest";
import { attributeKey } from "../../src/core/model/values.ts";
import { all, type Bench, byName, call, create, failure, outcomes, samples, scan, target } from "./bench.ts";

export function readCases(bench: Bench): void {
  describe("check", () => {
    it("finds nothing to say about a good store, and names the server", async () => {
      const report = await bench.connector.check(call());
      expect(report.problems).toEqual([]);
      expect(report.server).not.toBe("");
    });

    it("names what is missing in a store that cannot serve the target", async () => {
      const misfit = target(bench.harness, bench.connection, bench.harness.misfit);
      const report = await misfit.check(call());
      expect(report.problems).not.toEqual([]);
    });

    it("gives the same fingerprint twice", async () => {
      const first = await bench.connection.fingerprint(call());
      expect(first).not.toBe("");
      expect(await bench.connection.fingerprint(call())).toBe(first);
    });
  });

  it("describes the mapped attributes in its schema", async () => {
    const schema = await bench.connector.schema(call());
    for (const name of bench.harness.attributes) {
      expect(schema.attributes.get(attributeKey(schema, name)), name).toBeDefined();
    }
    const text = schema.attributes.get(attributeKey(schema, bench.harness.roles.text))!;
    expect(text).toMatchObject({ readOnly: false, required: false, secret: false });
  });

  describe("scan", () => {
    it("of an empty store is complete and empty", async () => {
      expect(await scan(bench.connector)).toEqual([]);
      if (bench.features.entitlements !== true) return;
      const standing = (bench.harness.standing ?? []).map((key) => bench.harness.entitlement(key).name);
      expect((await scan(bench.connector, "entitlements")).map(({ name }) => name)).toEqual(standing);
    });

    it("pages past the server's limit: 2,500 accounts", async () => {
      const accounts = samples(bench.harness, 2_500);
      await bench.harness.outside.fill(accounts);
      const seen = await scan(bench.connector);
      expect(seen).toHaveLength(2_500);
      expect(new Set(seen.map((sighting) => sighting.anchor)).size).toBe(2_500);
      expect(seen.every((sighting) => sighting.version !== "" && sighting.name !== "")).toBe(true);

      const records = await bench.connector.fetch(
        seen.slice(0, 1_000).map(({ anchor }) => anchor),
        call(),
      );
      expect(records).toHaveLength(1_000);
      const questions = accounts.slice(0, 1_000).map(({ name }) => ({ keys: {}, name }));
      const found = await bench.connector.find(questions, call());
      expect(found.map((hits) => hits.length)).toEqual(questions.map(() => 1));
    });

    it("gives the version that fetch gives, the same again when nothing changed, another after an outside edit", async () => {
      const { harness, connector } = bench;
      const [kept, edited] = samples(harness, 2);
      await harness.outside.fill([kept!, edited!]);
      const first = new Map((await scan(connector)).map(({ anchor, version }) => [anchor, version]));
      const records = await connector.fetch([...first.keys()], call());
      expect(new Map(records.map(({ anchor, version }) => [anchor, version]))).toEqual(first);
      expect(new Map((await scan(connector)).map(({ anchor, version }) => [anchor, version]))).toEqual(first);

      await harness.outside.edit(edited!, harness.roles.text, ["edited outside"]);
      const [keptNow, editedNow] = [
        await byName(connector, kept!.name),
        await byName(connector, edited!.name),
      ];
      const later = new Map((await scan(connector)).map(({ anchor, version }) => [anchor, version]));
      expect(later.get(keptNow.anchor)).toBe(first.get(keptNow.anchor));
      expect(later.get(editedNow.anchor)).not.toBe(first.get(editedNow.anchor));
      expect(later.get(editedNow.anchor)).toBe(editedNow.version);
    });

    it("changes its marker, where it has one, with every edit and only then", async () => {
      const { harness, connector } = bench;
      const [one] = samples(harness, 1);
      await harness.outside.fill([one!]);
      const first = await connector.marker?.(call());
      expect(await connector.marker?.(call())).toBe(first);
      await harness.outside.edit(one!, harness.roles.text, ["edited outside"]);
      if (first !== undefined) expect(await connector.marker?.(call())).not.toBe(first);
    });
  });

  describe("fetch", () => {
    it("gives the records of known anchors and leaves unknown ones out", async () => {
      const { harness, connector } = bench;
      const [one, gone] = samples(harness, 2);
      await harness.outside.fill([one!, gone!]);
      const record = await byName(connector, one!.name);
      const { anchor } = await byName(connector, gone!.name);
      await harness.outside.remove(gone!);
      expect(await connector.fetch([record.anchor, anchor], call())).toEqual([record]);
      expect(await connector.fetch([], call())).toEqual([]);
    });

    it("gives the values that are in the store, and only the attributes asked for", async () => {
      const { harness, connector } = bench;
      const [one] = samples(harness, 1);
      await harness.outside.fill([one!]);
      await harness.outside.edit(one!, harness.roles.text, ["Straße 1"]);
      const record = await byName(connector, one!.name);
      expect(record.attributes[harness.roles.text]).toEqual(["Straße 1"]);
      expect(harness.attributes).toEqual(expect.arrayContaining(Object.keys(record.attributes)));
    });
  });

  describe("find", () => {
    it("answers each question in order, by key and by name, nothing where nothing matches", async () => {
      const { harness, connector } = bench;
      const [one, two] = samples(harness, 2);
      await harness.outside.fill([one!, two!]);
      const key = (value: string) => ({ keys: { [harness.roles.key]: value } });
      const value = (sample: typeof one) => sample!.attributes[harness.roles.key]![0]!;
      const found = await connector.find(
        [key(value(two)), key("nobody"), { keys: {}, name: one!.name }, key(value(one))],
        call(),
      );
      const [first, second] = [await byName(connector, one!.name), await byName(connector, two!.name)];
      expect(found).toEqual([[second], [], [first], [first]]);
      expect(await connector.find([], call())).toEqual([]);
    });

    it("matches under the attribute's own rule", async () => {
      const { harness, connector } = bench;
      const sample = harness.account("casey");
      await harness.outside.fill([sample]);
      const schema = await connector.schema(call());
      const { matching } = schema.attributes.get(attributeKey(schema, harness.roles.key))!;
      const other = sample.attributes[harness.roles.key]![0]!.toUpperCase();
      const [found] = await connector.find([{ keys: { [harness.roles.key]: other } }], call());
      expect(found).toHaveLength(matching === "caseIgnore" ? 1 : 0);
    });

    it("takes all keys together, and every account that has them", async () => {
      const { harness, connector } = bench;
      const [one, two, three] = samples(harness, 3);
      await harness.outside.fill([one!, two!, three!]);
      for (const sample of [one!, two!]) await harness.outside.edit(sample, harness.roles.text, ["same"]);
      const same = { [harness.roles.text]: "same" };
      const keyOfTwo = { [harness.roles.key]: two!.attributes[harness.roles.key]![0]! };
      const [both, only] = await connector.find([{ keys: same }, { keys: { ...same, ...keyOfTwo } }], call());
      expect(both).toHaveLength(2);
      expect(only).toEqual([await byName(connector, two!.name)]);
    });
  });

  it("stops when the signal is aborted, and says so by a StoreError", async () => {
    const { harness, connector } = bench;
    await harness.outside.fill(samples(harness, 10));
    const aborted = call(AbortSignal.abort());
    await failure(connector.fetch(["x"], aborted));
    await failure(all(connector.scan("accounts", aborted)));
    const fresh = harness.account("fresh");
    const [outcome] = await outcomes(connector, [create(fresh)], aborted);
    expect(outcome?.ok).toBe(false);
    expect(await harness.outside.read(fresh)).toBeUndefined();
  });
}
