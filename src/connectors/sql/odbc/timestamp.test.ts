import { expect, test } from "vitest";
import { odbcTimestampCodec } from "./timestamp.ts";

test.each([
  ["2026-03-31T17:00:00Z", "2026-03-31 17:00:00"],
  ["2026-03-31T17:00:00.123456Z", "2026-03-31 17:00:00.123456"],
  ["2026-03-31T17:00:00.5+02:00", "2026-03-31 15:00:00.5"],
  ["2026-03-31T17:00:00-0130", "2026-03-31 18:30:00"],
  ["2026-03-31 17:00:00", "2026-03-31 17:00:00"],
  ["2026-03-31", "2026-03-31"],
])("the instant %s is written as %s", (given, written) => {
  expect(odbcTimestampCodec.encode(given)).toBe(written);
});

test("what is written is read as it was in UTC", () => {
  const written = odbcTimestampCodec.encode("2026-03-31T17:00:00.5+02:00");
  expect(odbcTimestampCodec.decode(written)).toBe("2026-03-31T15:00:00.5Z");
});
