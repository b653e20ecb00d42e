import { describe, expect, it } from "vitest";
import { stampVersions } from "./stamp.ts";

const noon = Date.parse("2026-03-01T12:00:00Z");
const entry = (...stamps: string[]) => ({
  dn: "uid=ada",
  attributes: new Map([["modifytimestamp", stamps.map((stamp) => Buffer.from(stamp))]]),
});

describe("a version by modifyTimestamp", () => {
  it("is the stamp, where the server has stamped something 2 s later", () => {
    const versions = stampVersions(() => noon);
    versions.read(entry("20260301115959Z"));
    expect(versions.read(entry("20260301115957Z"))).toBe("20260301115957Z");
  });

  it("is the stamp, where that is 10 minutes old by our clock", () => {
    const versions = stampVersions(() => noon);
    expect(versions.read(entry("20260301115000Z"))).toBe("20260301115000Z");
    expect(versions.read(entry("20260301115001Z"))).not.toBe("20260301115001Z");
  });

  it("equals no other while the server may still be in the second of the stamp", () => {
    const versions = stampVersions(() => noon);
    const seen = ["20260301115959Z", "20260301115958Z", "20260301115959Z", "20260301115959Z"].map((stamp) =>
      versions.read(entry(stamp)),
    );
    expect(new Set(seen).size).toBe(4);
  });

  it("is of the same entry as another of that second, trusted or not", () => {
    const versions = stampVersions(() => noon);
    const [one, two] = [versions.read(entry("20260301115959Z"))!, versions.read(entry("20260301115959Z"))!];
    expect(versions.same(one, two)).toBe(true);
    expect(versions.same(one, "20260301115959Z")).toBe(true);
    expect(versions.same(one, "20260301115958Z")).toBe(false);
    expect(versions.filter(one)).toMatchObject({ attribute: "modifyTimestamp", value: "20260301115959Z" });
  });

  it("is told by the number of the last change, where a changelog has it", () => {
    let change = 7;
    const versions = stampVersions(
      () => noon,
      () => change,
    );
    const [one, again] = [versions.read(entry("20260301115959Z"))!, versions.read(entry("20260301115959Z"))!];
    change = 8;
    const other = versions.read(entry("20260301115959Z"))!;
    expect([one, again, other]).toEqual(["20260301115959Z?7", "20260301115959Z?7", "20260301115959Z?8"]);
    expect([versions.same(one, again), versions.same(one, other)]).toEqual([true, false]);
    expect(versions.same(one, "20260301115959Z")).toBe(true);
    expect([versions.isFirm?.(one), versions.isFirm?.("20260301115959Z")]).toEqual([false, true]);
  });

  it("does not trust what an accident has stamped with the future", () => {
    const versions = stampVersions(() => noon);
    versions.read(entry("20990101000000Z"));
    expect(versions.read(entry("20260301115959Z"))).not.toBe("20260301115959Z");
    expect(versions.read(entry("20990101000000Z"))).not.toBe("20990101000000Z");
  });

  it("is none without a stamp, and equals no other where the stamp is no time", () => {
    const versions = stampVersions(() => noon);
    expect(versions.read({ dn: "uid=ada", attributes: new Map() })).toBeUndefined();
    expect(versions.read(entry("yesterday"))).not.toBe(versions.read(entry("yesterday")));
    expect(versions.read(entry("20260301115959Z"))).toMatch(/\?/);
  });
});
