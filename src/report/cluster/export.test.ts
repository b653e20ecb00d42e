import { describe, expect, test } from "vitest";
import { type ExportInput, exportStatus } from "./export.ts";

const at = Date.parse("2026-01-02T03:04:05Z");
const written = { rows: 3, sha256: "ab" };
const base: ExportInput = {
  ...{ generation: 2, previous: undefined, now: at, fault: undefined, handled: undefined },
  ...{ file: "people.csv", scheduled: true, last: undefined },
};
const status = (input: Partial<ExportInput>) => exportStatus({ ...base, ...input });
const ready = (input: Partial<ExportInput>) => {
  const { conditions = [] } = status(input);
  return conditions.map(({ type, status: is, reason, message }) => `${type} ${is} ${reason}: ${message}`);
};

describe("the status of an Export", () => {
  test("says what was written, and when", () => {
    const last = { at, written, error: undefined };
    expect(status({ last, handled: "monday" })).toMatchObject({
      ...{ observedGeneration: 2, rows: 3, sha256: "ab", lastSuccess: "2026-01-02T03:04:05Z" },
      lastHandledRequestedAt: "monday",
    });
    expect(ready({ last })).toEqual(["Ready True Exported: 3 rows in people.csv"]);
  });

  test("keeps what was written before while it fails, and says that the old file stays", () => {
    const previous = status({ last: { at, written, error: undefined } });
    const error = { kind: "Unavailable", message: "cannot reach the store" };
    const last = { at: at + 1_000, written: undefined, error };
    expect(status({ previous, last })).toMatchObject({ rows: 3, lastSuccess: "2026-01-02T03:04:05Z" });
    const said = "cannot reach the store; the file of 2026-01-02T03:04:05Z stays";
    expect(ready({ previous, last })).toEqual([
      `Ready False ExportFailed: ${said}`,
      `Reconciling True ExportFailed: ${said}`,
    ]);
  });

  test("is stalled where somebody must act", () => {
    const error = { kind: "Denied", message: "cannot write people.csv: it lies outside /data" };
    expect(ready({ last: { at, written: undefined, error } })).toEqual([
      "Ready False ExportRefused: cannot write people.csv: it lies outside /data",
      "Stalled True ExportRefused: cannot write people.csv: it lies outside /data",
    ]);
  });

  test("waits for the first time, or for somebody who asks", () => {
    expect(ready({})[0]).toBe("Ready False Progressing: people.csv has not been written yet");
    expect(ready({ scheduled: false })).toEqual([
      "Ready True Accepted: valid: people.csv is written when somebody asks for it",
    ]);
  });

  test("says first what is wrong with the object", () => {
    const fault = { reason: "Suspended", message: "Export/people is suspended" } as const;
    expect(ready({ fault, last: { at, written, error: undefined } })).toEqual([
      "Ready False Suspended: Export/people is suspended",
    ]);
  });
});
