import { describe, expect, it } from "vitest";
import { decodeValue, encodeValue } from "./values.ts";

const attribute = (form: "text" | "binary" | "boolean" | "time") => ({ name: "x", form });

describe("a value", () => {
  it.each([
    ["text", "Zoë", "Zoë"],
    ["boolean", "TRUE", "true"],
    ["boolean", "FALSE", "false"],
    ["time", "20260331170000Z", "2026-03-31T17:00:00Z"],
    ["time", "20260331170000.125Z", "2026-03-31T17:00:00.125Z"],
  ] as const)("of form %s is %s on the wire and %s in the model", (form, wire, model) => {
    expect(decodeValue(attribute(form), Buffer.from(wire))).toBe(model);
    expect(encodeValue(attribute(form), model)).toBe(wire);
  });

  it.each([
    ["202603311700Z", "2026-03-31T17:00:00Z"],
    ["2026033119+0200", "2026-03-31T17:00:00Z"],
    ["20260331170000.0Z", "2026-03-31T17:00:00Z"],
    ["20261331170000Z", "20261331170000Z"],
  ])("that is the time %s is read as %s", (wire, model) => {
    expect(decodeValue(attribute("time"), Buffer.from(wire))).toBe(model);
  });

  it("that is binary is base64 in the model, byte by byte", () => {
    const bytes = Buffer.from([0, 1, 254, 255]);
    expect(encodeValue(attribute("binary"), decodeValue(attribute("binary"), bytes))).toEqual(bytes);
  });

  it.each([
    ["text", "a\0b"],
    ["binary", "not base64!"],
    ["time", "tomorrow"],
  ] as const)("of form %s refuses %j as Invalid, with the cure and without the value", (form, value) => {
    try {
      encodeValue(attribute(form), value);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({
        kind: "Invalid",
        message: expect.stringContaining("cannot write a value of x"),
      });
      expect((error as Error).message).not.toContain(value);
    }
  });
});
