import { describe, expect, it } from "vitest";
import type { StoreChange } from "../../src/connectors/contract.ts";
import {
  type Bench,
  byName,
  call,
  create,
  delta,
  done,
  modify,
  outcomes,
  refused,
  samples,
  scan,
} from "./bench.ts";

export function accountCases(bench: Bench): void {
  const { features } = bench;

  describe("create", () => {
    it("makes the account, and answers with its anchor, name and version", async () => {
      const { harness, connector } = bench;
      const sample = harness.account("ada");
      const outcome = await done(connector, create(sample));
      const seen = await harness.outside.read(sample);
      for (const [name, values] of Object.entries(sample.attributes)) {
        expect(seen?.attributes[name], name).toEqual(values);
      }
      expect(seen?.enabled ?? true).toBe(true);
      const [record] = await connector.fetch([outcome.anchor], call());
      expect(record).toMatchObject({ anchor: outcome.anchor, name: outcome.name });
      expect(outcome.version ?? record!.version).toBe(record!.version);
    });

    it("twice is a Conflict that names the account, and changes nothing", async () => {
      const { harness, connector } = bench;
      const sample = harness.account("ada");
      await done(connector, create(sample));
      const before = await byName(connector, sample.name);
      const error = await refused(connector, create(sample));
      expect(error.kind).toBe("Conflict");
      expect(error.message).toContain(sample.name);
      expect(await byName(connector, sample.name)).toEqual(before);
    });

    if (features.disable === true) {
      it("can make it disabled", async () => {
        const { harness, connector } = bench;
        const sample = harness.account("ada");
        await done(connector, create(sample, 1, false));
        expect((await harness.outside.read(sample))?.enabled).toBe(false);
        expect((await byName(connector, sample.name)).enabled).toBe(false);
      });
    }
  });

  describe("modify", () => {
    it("adds, replaces and clears a value", async () => {
      const { harness, connector } = bench;
      const { text } = harness.roles;
      const sample = harness.account("ada");
      await done(connector, create(sample));
      for (const [before, after] of [
        [[], ["one"]],
        [["one"], ["two"]],
        [["two"], []],
      ] as const) {
        const record = await byName(connector, sample.name);
        const outcome = await done(connector, modify(record, { attributes: [delta(text, before, after)] }));
        expect((await harness.outside.read(sample))?.attributes[text] ?? []).toEqual(after);
        const now = await byName(connector, sample.name);
        expect(now.version).not.toBe(record.version);
        expect(outcome.version ?? now.version).toBe(now.version);
      }
    });

    it("that is there already is a success", async () => {
      const { harness, connector } = bench;
      const { text } = harness.roles;
      const sample = harness.account("ada");
      await done(connector, create(sample));
      const record = await byName(connector, sample.name);
      const set = modify(record, { attributes: [delta(text, [], ["one"])] });
      const clear = modify(record, { attributes: [delta(text, ["one"], [])] });
      for (const change of [set, set, clear, clear]) await done(connector, change);
      expect((await harness.outside.read(sample))?.attributes[text] ?? []).toEqual([]);
    });

    it("leaves the attributes alone that it does not name", async () => {
      const { harness, connector } = bench;
      const sample = harness.account("ada");
      await done(connector, create(sample));
      const record = await byName(connector, sample.name);
      await done(connector, modify(record, { attributes: [delta(harness.roles.text, [], ["one"])] }));
      const seen = await harness.outside.read(sample);
      for (const [name, values] of Object.entries(sample.attributes))
        expect(seen?.attributes[name]).toEqual(values);
    });

    if (features.multiValued === true) {
      it("adds and removes single values of an attribute with several", async () => {
        const { harness, connector } = bench;
        const multi = harness.roles.multi!;
        const sample = harness.account("ada");
        await done(connector, create(sample));
        const record = await byName(connector, sample.name);
        await done(connector, modify(record, { attributes: [delta(multi, [], ["1", "2", "3"])] }));
        await done(connector, modify(record, { attributes: [delta(multi, ["1", "2", "3"], ["2", "4"])] }));
        expect(new Set((await byName(connector, sample.name)).attributes[multi])).toEqual(
          new Set(["2", "4"]),
        );
      });
    }

    if (features.binary === true) {
      it("keeps binary values byte by byte, those that look like text too", async () => {
        const { harness, connector } = bench;
        const binary = harness.roles.binary!;
        const sample = harness.account("ada");
        await done(connector, create(sample));
        const every = Buffer.from(Array.from({ length: 256 }, (_, n) => n)).toString("base64");
        let before: readonly string[] = [];
        for (const value of [every, Buffer.from("plain text").toString("base64")]) {
          const record = await byName(connector, sample.name);
          await done(connector, modify(record, { attributes: [delta(binary, before, [value])] }));
          before = [value];
          expect((await byName(connector, sample.name)).attributes[binary]).toEqual([value]);
          expect((await harness.outside.read(sample))?.attributes[binary]).toEqual([value]);
        }
      });
    }

    it("of an account that is gone is a NotFound", async () => {
      const { harness, connector } = bench;
      const sample = harness.account("ada");
      await done(connector, create(sample));
      const record = await byName(connector, sample.name);
      await harness.outside.remove(sample);
      const error = await refused(
        connector,
        modify(record, { attributes: [delta(harness.roles.text, [], ["x"])] }),
      );
      expect(error.kind).toBe("NotFound");
    });

    if (features.rename === true) {
      it("renames, and the anchor stays", async () => {
        const { harness, connector } = bench;
        const [from, to] = [harness.account("ada"), harness.account("ada, countess")];
        await done(connector, create(from));
        const record = await byName(connector, from.name);
        const outcome = await done(connector, modify(record, { rename: to.name }));
        expect(outcome.anchor).toBe(record.anchor);
        expect((await byName(connector, to.name)).anchor).toBe(record.anchor);
        expect(await connector.find([{ keys: {}, name: from.name }], call())).toEqual([[]]);
      });

      it("renames and changes attributes in one", async () => {
        const { harness, connector } = bench;
        const [from, to] = [harness.account("ada"), harness.account("grace")];
        await done(connector, create(from));
        const record = await byName(connector, from.name);
        const attributes = [delta(harness.roles.text, [], ["renamed"])];
        await done(connector, modify(record, { rename: to.name, attributes }));
        expect((await byName(connector, to.name)).attributes[harness.roles.text]).toEqual(["renamed"]);
      });

      it("to a name that is taken is a Conflict", async () => {
        const { harness, connector } = bench;
        const [one, two] = samples(harness, 2);
        await harness.outside.fill([one!, two!]);
        const record = await byName(connector, one!.name);
        expect((await refused(connector, modify(record, { rename: two!.name }))).kind).toBe("Conflict");
      });
    }

    if (features.disable === true) {
      it("disables and enables, twice is a success, and attributes stay", async () => {
        const { harness, connector } = bench;
        const sample = harness.account("ada");
        await done(connector, create(sample));
        for (const enabled of [false, false, true, true]) {
          const [record] = await connector.find(
            [{ keys: { [harness.roles.key]: keyOf(bench, sample) } }],
            call(),
          );
          await done(connector, modify(record![0]!, { enabled }));
          const [again] = await connector.fetch([record![0]!.anchor], call());
          expect(again?.enabled).toBe(enabled);
          expect(again?.attributes[harness.roles.key]).toEqual(sample.attributes[harness.roles.key]);
        }
        expect((await harness.outside.read(sample))?.enabled).toBe(true);
      });

      it("is seen when somebody else did it", async () => {
        const { harness, connector } = bench;
        const sample = harness.account("ada");
        await done(connector, create(sample));
        const before = await byName(connector, sample.name);
        expect(before.enabled).toBe(true);
        await harness.outside.disable(sample);
        const [after] = await connector.fetch([before.anchor], call());
        expect(after?.enabled).toBe(false);
        expect(after?.version).not.toBe(before.version);
      });
    }

    if (features.expect === true) {
      it("is Moved when somebody else was there first, and not made", async () => {
        const { harness, connector } = bench;
        const { text } = harness.roles;
        const sample = harness.account("ada");
        await done(connector, create(sample));
        const record = await byName(connector, sample.name);
        await harness.outside.edit(sample, text, ["theirs"]);
        const change = modify(record, { attributes: [delta(text, [], ["ours"])], expect: record.version });
        expect((await refused(connector, change)).kind).toBe("Moved");
        expect((await harness.outside.read(sample))?.attributes[text]).toEqual(["theirs"]);
        const now = await byName(connector, sample.name);
        await done(
          connector,
          modify(now, { attributes: [delta(text, ["theirs"], ["ours"])], expect: now.version }),
        );
      });
    }
  });

  if (features.delete === true) {
    describe("delete", () => {
      it("removes the account, and is a success when it is gone already", async () => {
        const { harness, connector } = bench;
        const sample = harness.account("ada");
        await done(connector, create(sample));
        const { anchor, name } = await byName(connector, sample.name);
        for (let time = 0; time < 2; time++) await done(connector, { id: 1, kind: "delete", anchor, name });
        expect(await harness.outside.read(sample)).toBeUndefined();
        expect(await connector.fetch([anchor], call())).toEqual([]);
      });
    });
  }

  if (features.restore === true) {
    describe("create of an account that was deleted", () => {
      for (const by of ["us", "somebody else"])
        it(`by ${by} brings it back: the anchor is the same, and what was asked for is there`, async () => {
          const { harness, connector } = bench;
          const sample = harness.account("ada");
          await done(connector, create(sample));
          const { anchor, name } = await byName(connector, sample.name);
          if (by === "us") await done(connector, { id: 1, kind: "delete", anchor, name });
          else await harness.outside.remove(sample);
          expect(await connector.fetch([anchor], call())).toEqual([]);
          const later = { ...sample.attributes, [harness.roles.text]: ["is back"] };
          const outcome = await done(connector, {
            ...{ id: 1, kind: "create", name: sample.name, attributes: later, enabled: true },
            formerly: anchor,
          });
          expect(outcome.anchor).toBe(anchor);
          const [record] = await connector.fetch([anchor], call());
          expect(record).toMatchObject({ name: outcome.name, attributes: later });
          expect(record?.enabled ?? true).toBe(true);
        });

      it("under another name brings it back by that name", async () => {
        const { harness, connector } = bench;
        const [before, after] = [harness.account("ada"), harness.account("grace")];
        await done(connector, create(before));
        const { anchor } = await byName(connector, before.name);
        await harness.outside.remove(before);
        const outcome = await done(connector, { ...create(after), formerly: anchor } as StoreChange);
        expect(outcome.anchor).toBe(anchor);
        expect((await byName(connector, after.name)).anchor).toBe(anchor);
        expect(await harness.outside.read(before)).toBeUndefined();
      });

      it("makes a new one where that one was not deleted after all, and leaves it alone", async () => {
        const { harness, connector } = bench;
        const [there, wanted] = samples(harness, 2);
        await harness.outside.fill([there!]);
        const before = await byName(connector, there!.name);
        const change = { ...create(wanted!), formerly: before.anchor } as StoreChange;
        expect((await done(connector, change)).anchor).not.toBe(before.anchor);
        expect(await byName(connector, there!.name)).toEqual(before);
      });
    });
  }

  describe("a batch", () => {
    it("with one change refused does the rest, and gives each its outcome", async () => {
      const { harness, connector } = bench;
      const [taken, gone, kept, ...fresh] = samples(harness, 23);
      await harness.outside.fill([taken!, gone!, kept!]);
      const [goneRecord, keptRecord] = [
        await byName(connector, gone!.name),
        await byName(connector, kept!.name),
      ];
      await harness.outside.remove(gone!);
      const attributes = [delta(harness.roles.text, [], ["x"])];
      const changes = [
        ...fresh.slice(0, 10).map((sample, n) => create(sample, n)),
        create(taken!, 100),
        modify(goneRecord, { id: 101, attributes }),
        modify(keptRecord, { id: 102, attributes }),
        ...fresh.slice(10).map((sample, n) => create(sample, 10 + n)),
      ];
      const results = await outcomes(connector, changes);
      const errors = results.flatMap((result) => (result.ok ? [] : [[result.id, result.error.kind]]));
      expect(errors).toEqual([
        [100, "Conflict"],
        [101, "NotFound"],
      ]);
      for (const sample of fresh) expect(await harness.outside.read(sample), sample.name).toBeDefined();
      expect((await harness.outside.read(kept!))?.attributes[harness.roles.text]).toEqual(["x"]);
    });

    it("and another at the same time do not disturb each other, nor what is read meanwhile", async () => {
      const { harness, connector } = bench;
      const all = samples(harness, 60);
      const batches = [0, 20, 40].map((from) =>
        all.slice(from, from + 20).map((sample, n) => create(sample, n)),
      );
      const [seen, ...results] = await Promise.all([
        scan(connector),
        ...batches.map((batch) => outcomes(connector, batch)),
      ]);
      expect(seen.length).toBeLessThanOrEqual(60);
      expect(results.flat().filter((result) => !result.ok)).toEqual([]);
      expect(await scan(connector)).toHaveLength(60);
    });

    it("of 1,000 creates gives 1,000 outcomes, each with an anchor of its own", async () => {
      const { harness, connector } = bench;
      const results = await outcomes(
        connector,
        samples(harness, 1_000).map((sample, n) => create(sample, n)),
      );
      const anchors = results.flatMap((result) => (result.ok ? [result.anchor] : []));
      expect(new Set(anchors).size).toBe(1_000);
    });
  });
}

function keyOf(
  bench: Bench,
  sample: { readonly attributes: Readonly<Record<string, readonly string[]>> },
): string {
  return sample.attributes[bench.harness.roles.key]![0]!;
}
