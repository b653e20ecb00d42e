import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dayForm, dayPattern, decimalForm } from "./forms.ts";

const day = fc
  .date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

describe("a day", () => {
  it("comes back as it was, in every pattern", () => {
    const patterns = fc.constantFrom(
      "dd.MM.yyyy",
      "d.M.yyyy",
      "MM/dd/yyyy",
      "M/d/yyyy",
      "yyyyMMdd",
      "yyyy-MM-dd",
    );
    fc.assert(
      fc.property(day, patterns, (value, pattern) => {
        const form = dayForm(pattern);
        expect(form.read(form.write(value)!)).toBe(value);
      }),
    );
  });

  it.each([
    ["dd.MM.yyyy", "31.12.2026", "2026-12-31"],
    ["d.M.yyyy", "1.2.2026", "2026-02-01"],
    ["M/d/yyyy", "2/1/2026", "2026-02-01"],
    ["dd.MM.yyyy", "31.02.2026", "31.02.2026"],
    ["dd.MM.yyyy", "1.2.2026", "1.2.2026"],
    ["dd.MM.yyyy", "soon", "soon"],
  ])("in %s: %s is read as %s", (pattern, text, value) => {
    expect(dayForm(pattern).read(text)).toBe(value);
  });

  it.each(["2026-02-30", "2026-13-01", "31.12.2026", "2026-12-31T00:00:00Z", ""])("is not %s", (value) => {
    expect(dayForm("dd.MM.yyyy").write(value)).toBeUndefined();
  });

  it.each([
    ["dd.MM.yyyy", true],
    ["yyyyMMdd", true],
    ["d. M. yyyy", true],
    ["yyyy. M. d.", true],
    ["dMyyyy", false],
    ["dd.MM.yy", false],
    ["dd.MM", false],
    ["dd.dd.yyyy", false],
    ["dd.MM.yyyy HH:mm", false],
  ])("has the pattern %s: %s", (pattern, valid) => {
    expect(dayPattern.test(pattern)).toBe(valid);
  });
});

describe("a number", () => {
  it.each([
    ["1234,5", "1234.5"],
    ["-3", "-3"],
    ["0,25", "0.25"],
    ["1.234,5", "1.234,5"],
    ["1.5", "1.5"],
    ["n/a", "n/a"],
  ])("with a comma: %s is read as %s", (text, value) => {
    expect(decimalForm(",").read(text)).toBe(value);
  });

  it.each([
    ["1234.5", "1234,5"],
    ["-3", "-3"],
    ["1,5", undefined],
    ["a", undefined],
  ])("is written: %s as %s", (value, text) => {
    expect(decimalForm(",").write(value)).toBe(text);
  });
});
