import { describe, expect, it } from "vitest";
import {
  type Bench,
  byName,
  call,
  create,
  delta,
  done,
  entitlementAnchor,
  memberChange,
  members,
  modify,
  refused,
} from "./bench.ts";

const odd: Readonly<Record<string, string>> = {
  commas: "Lovelace, Ada, PhD",
  "double quotes": 'Ada "Countess" Lovelace',
  apostrophes: "Ada O'Lovelace''",
  "a leading #": "#ada",
  "a leading space": " ada",
  "a trailing space": "ada ",
  "non-ASCII letters": "Zoë Ångström 漢字 😀",
  "200 characters": "x".repeat(200),
  backslashes: "ada\\2clovelace\\",
  "plus signs": "ada+sn=lovelace",
  semicolons: "ada;lovelace",
  "an equals sign": "=ada",
  "angle brackets": "<ada>",
  "filter characters": "a*d(a)&|!",
  "SQL wildcards": "100%_ada--",
  "a line break": "ada\nlovelace",
};

export function nameCases(bench: Bench): void {
  describe("a name and a value with", () => {
    for (const [what, text] of Object.entries(odd)) {
      it(`${what} are kept as they are: created, found, changed, granted, deleted`, async () => {
        const { harness, connector, features } = bench;
        const sample = harness.account(text);
        const { anchor, name } = await done(connector, create(sample));
        const record = await byName(connector, sample.name);
        expect(record.anchor).toBe(anchor);
        await done(connector, modify(record, { attributes: [delta(harness.roles.text, [], [text])] }));
        const [again] = await connector.fetch([anchor], call());
        expect(again?.attributes[harness.roles.text]).toEqual([text]);
        expect((await harness.outside.read(sample))?.attributes[harness.roles.text]).toEqual([text]);
        expect(await connector.find([{ keys: { [harness.roles.text]: text } }], call())).toEqual([[again]]);

        if (features.entitlements === true) {
          await harness.outside.createEntitlement("staff", [sample]);
          const staff = {
            anchor: await entitlementAnchor(bench, "staff"),
            name: harness.entitlement("staff").name,
          };
          expect(await members(connector, staff.anchor)).toEqual([connector.memberKey({ anchor, name })]);
          await done(connector, memberChange(staff, [], [again!]));
          expect(await members(connector, staff.anchor)).toEqual([]);
        }
        if (features.delete === true) {
          await done(connector, { id: 1, kind: "delete", anchor, name });
          expect(await harness.outside.read(sample)).toBeUndefined();
        }
      });
    }

    it("a NUL are refused as Invalid", async () => {
      const { harness, connector } = bench;
      const sample = harness.account("ada");
      await done(connector, create(sample));
      const record = await byName(connector, sample.name);
      const change = modify(record, { attributes: [delta(harness.roles.text, [], ["a\0b"])] });
      expect((await refused(connector, change)).kind).toBe("Invalid");
      expect((await refused(connector, create(harness.account("a\0b")))).kind).toBe("Invalid");
    });
  });
}
