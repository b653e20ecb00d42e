import { describe, expect, it } from "vitest";
import { makeFiles } from "../../../test/support/file-store.ts";
import { csvConnector } from "../csv/csv.ts";
import { jsonlConnector } from "../jsonl/jsonl.ts";

describe("two attributes that are one are refused, since one of them may be sensitive:", () => {
  it("a column of CSV by the attribute's name and by its own", async () => {
    await using files = await makeFiles();
    const target = { key: "login", columns: { pin: "secret pin" } };
    const connect = (...attributes: string[]) =>
      files.connect(csvConnector, { file: "people" }, target, attributes);
    expect(() => connect("pin", "secret pin")).toThrow(
      'cannot tell the attributes "pin" and "secret pin" apart: "secret pin" holds both; use one of them',
    );
    expect(() => connect("pin", "secret", "secret.pin")).not.toThrow();
  });

  it.each(["secret.pin", "secret"])("a member of JSON by its path, or what it lies in: %s", async (path) => {
    await using files = await makeFiles();
    const target = { key: "login", columns: { pin: "secret.pin" } };
    const connect = (...attributes: string[]) =>
      files.connect(jsonlConnector, { file: "people" }, target, attributes);
    expect(() => connect("pin", path)).toThrow(/cannot tell the attributes .* apart/);
    expect(() => connect("pin", "secret.colour", "secrets")).not.toThrow();
  });
});
