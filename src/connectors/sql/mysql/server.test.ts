import { describe, expect, it } from "vitest";
import type { Result } from "../database.ts";
import { SqlError } from "../errors.ts";
import { marker } from "./server.ts";

const usual = { version: "9.7.4", log_bin: "ON", gtid_mode: "ON", log_slave_updates: "ON" };
const status = ["binlog.000001", "4", "", "", "aaa:1-7,\nbbb:1"];

/** What a MySQL with these settings answers, which knows the log's status by this statement. */
function mysql(settings: Readonly<Record<string, string>>, statement: string, row = status) {
  return async ({ text }: { text: string }): Promise<Result> => {
    if (text.startsWith("SHOW VARIABLES")) return { rows: Object.entries(settings), count: 1 };
    if (text === statement) return { rows: [row], count: 1 };
    throw new SqlError("Invalid", "Statement", `cannot understand ${text}`);
  };
}

describe("whether anything has changed in MySQL", () => {
  it.each([
    ["9.7.4", "SHOW BINARY LOG STATUS"],
    ["8.4.3", "SHOW BINARY LOG STATUS"],
    ["8.2.0", "SHOW BINARY LOG STATUS"],
    ["8.1.0", "SHOW MASTER STATUS"],
    ["8.0.39-0ubuntu0", "SHOW MASTER STATUS"],
  ])("tell the transactions that it has executed: %s, by %s", async (version, statement) => {
    expect(await marker(mysql({ ...usual, version }, statement))).toBe("aaa:1-7,bbb:1");
  });

  it.each([
    ["there is no log", { log_bin: "OFF" }, status],
    ["transactions may have no number", { gtid_mode: "OFF_PERMISSIVE" }, status],
    ["the log has some databases alone", {}, ["binlog.000001", "4", "app", "", "aaa:1"]],
    ["the log leaves databases out", {}, ["binlog.000001", "4", "", "app", "aaa:1"]],
  ])("cannot be told where %s", async (_, settings, row) => {
    const server = mysql({ ...usual, ...settings }, "SHOW BINARY LOG STATUS", row);
    expect(await marker(server)).toBeUndefined();
  });

  it("cannot be told without the right to see the log", async () =>
    expect(await marker(mysql(usual, "nothing"))).toBeUndefined());
});
