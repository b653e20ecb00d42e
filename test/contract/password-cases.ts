import { describe, expect, it } from "vitest";
import type { NewPassword, StoreChange } from "../../src/connectors/contract.ts";
import { all, type Bench, byName, call, create, delta, done, modify, need, refused } from "./bench.ts";
import type { Sample } from "./subject.ts";

const [first, second] = ["Correct-Horse.7battery", "Another_Staple#9paper"] as const;

/** What a connector owes that can set passwords. */
export function passwordCases(bench: Bench): void {
  const { features } = bench;
  if (features.passwords !== true) return;

  const login = (sample: Sample, password: string) =>
    need(bench.harness.outside.login, "outside.login")(sample, password);
  const withPassword = (sample: Sample, value: string, enabled = true, mustChange = false): StoreChange => ({
    ...{ id: 1, kind: "create", name: sample.name, attributes: sample.attributes, enabled },
    password: given(value, mustChange),
  });

  describe("a password", () => {
    it("given with the account is the one that logs in, and no other", async () => {
      const { harness, connector } = bench;
      const [ada, eve] = [harness.account("ada"), harness.account("eve")];
      await done(connector, withPassword(ada, first));
      await done(connector, create(eve));
      expect(await login(ada, first)).toBe(true);
      expect(await login(ada, second)).toBe(false);
      expect(await login(eve, first)).toBe(false);
    });

    it("takes the place of another, and leaves everything else", async () => {
      const { harness, connector } = bench;
      const ada = harness.account("ada");
      await done(connector, withPassword(ada, first));
      const before = await byName(connector, ada.name);
      await done(connector, modify(before, { password: given(second) }));
      expect(await login(ada, second)).toBe(true);
      expect(await login(ada, first)).toBe(false);
      const { version: _, ...after } = await byName(connector, ada.name);
      expect(before).toMatchObject(after);
    });

    it("is set together with attributes", async () => {
      const { harness, connector } = bench;
      const { text } = harness.roles;
      const ada = harness.account("ada");
      await done(connector, withPassword(ada, first));
      const record = await byName(connector, ada.name);
      const attributes = [delta(text, [], ["x"])];
      await done(connector, modify(record, { attributes, password: given(second) }));
      expect((await harness.outside.read(ada))?.attributes[text]).toEqual(["x"]);
      expect(await login(ada, second)).toBe(true);
    });

    if (features.expect === true)
      it("is not set on an account that is no longer the one that was read", async () => {
        const { harness, connector } = bench;
        const { text } = harness.roles;
        const ada = harness.account("ada");
        await done(connector, withPassword(ada, first));
        const { version, ...record } = await byName(connector, ada.name);
        await harness.outside.edit(ada, text, ["theirs"]);
        const change = modify({ ...record, version }, { password: given(second), expect: version });
        expect((await refused(connector, change)).kind).toBe("Moved");
        expect(await login(ada, first)).toBe(true);
      });

    it("may have any character", async () => {
      const { harness, connector } = bench;
      const ada = harness.account("ada");
      const odd = `Zür1ch "3£" \\ {x} ,;=+<>#'%$`;
      await done(connector, withPassword(ada, odd));
      expect(await login(ada, odd)).toBe(true);
    });

    it("is in nothing that is read", async () => {
      const { harness, connector } = bench;
      const ada = harness.account("ada");
      await done(connector, withPassword(ada, first));
      const record = await byName(connector, ada.name);
      const read = [
        record,
        await connector.fetch([record.anchor], call()),
        await all(connector.scan("accounts", call())),
        await connector.schema(call()),
      ];
      expect(JSON.stringify(read)).not.toContain(first);
    });

    it("that the store's policy refuses is Invalid, is not told, and leaves no account behind", async () => {
      const { harness, connector } = bench;
      const weak = need(harness.weakPassword, "weakPassword");
      const ada = harness.account("ada");
      const error = await refused(connector, withPassword(ada, weak));
      expect(error.kind).toBe("Invalid");
      expect(error.message).toContain(ada.name);
      expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain(weak);
      expect(await harness.outside.read(ada)).toBeUndefined();
      await done(connector, withPassword(ada, first));
      expect(await login(ada, first)).toBe(true);
    });

    it("that is refused for an account that is there changes nothing of it", async () => {
      const { harness, connector } = bench;
      const weak = need(harness.weakPassword, "weakPassword");
      const { text } = harness.roles;
      const ada = harness.account("ada");
      await done(connector, withPassword(ada, first));
      const record = await byName(connector, ada.name);
      const attributes = [delta(text, [], ["x"])];
      const error = await refused(connector, modify(record, { attributes, password: given(weak) }));
      expect(error.kind).toBe("Invalid");
      expect(await login(ada, first)).toBe(true);
      expect((await harness.outside.read(ada))?.attributes[text] ?? []).toEqual([]);
    });

    it("of an account that is gone is a NotFound", async () => {
      const { harness, connector } = bench;
      const ada = harness.account("ada");
      await done(connector, create(ada));
      const record = await byName(connector, ada.name);
      await harness.outside.remove(ada);
      expect((await refused(connector, modify(record, { password: given(first) }))).kind).toBe("NotFound");
    });

    if (features.disable === true)
      it("is set before an account is enabled, in one change", async () => {
        const { harness, connector } = bench;
        const ada = harness.account("ada");
        await done(connector, withPassword(ada, first, false));
        expect(await login(ada, first)).toBe(false);
        const record = await byName(connector, ada.name);
        const weak = need(harness.weakPassword, "weakPassword");
        await refused(connector, modify(record, { enabled: true, password: given(weak) }));
        expect((await byName(connector, ada.name)).enabled).toBe(false);
        const planned = features.expect === true ? { expect: record.version } : {};
        await done(connector, modify(record, { enabled: true, password: given(second), ...planned }));
        expect(await login(ada, second)).toBe(true);
        expect(await login(ada, first)).toBe(false);
      });

    it("that must be changed is marked so, where the store has such a notion", async () => {
      const { harness, connector } = bench;
      const ada = harness.account("ada");
      await done(connector, withPassword(ada, first, true, true));
      const mustChange = harness.outside.mustChange;
      if (mustChange) expect(await mustChange(ada)).toBe(true);
      const record = await byName(connector, ada.name);
      await done(connector, modify(record, { password: given(second) }));
      if (mustChange) expect(await mustChange(ada)).toBe(false);
      expect(await login(ada, second)).toBe(true);
    });
  });
}

function given(value: string, mustChange = false): NewPassword {
  return { value, mustChange };
}
