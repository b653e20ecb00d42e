import { describe, expect, test } from "vitest";
import type { Row } from "../database.ts";
import type { Tedious, TediousCell, TediousConnection, TediousRequest } from "./driver.ts";
import { fromSqlServer } from "./errors.ts";
import { SqlServerLine, shown } from "./line.ts";

const never = new AbortController().signal;
const cell = (value: unknown, type = "NVarChar"): TediousCell => ({
  value,
  metadata: { colName: "c", type: { name: type } },
});

/** A driver whose server answers each statement with these rows, one after the other, or with an error after them. */
function driverOf(rows: number, failure?: Error): Tedious & { closed: boolean; sent: number } {
  const driver = {
    closed: false,
    sent: 0,
    TYPES: { NVarChar: {}, VarBinary: {} },
    ISOLATION_LEVEL: { SERIALIZABLE: 4 },
    Request: class implements TediousRequest {
      readonly done: (error: Error | null, rows: number) => void;
      readonly listeners = new Map<string, (given: never) => void>();
      go: () => void = () => undefined;
      paused = false;
      constructor(_: string, done: (error: Error | null, rows: number) => void) {
        this.done = done;
      }
      addParameter(): void {}
      pause(): void {
        this.paused = true;
      }
      resume(): void {
        this.paused = false;
        this.go();
      }
      on(event: string, listener: (given: never) => void): void {
        this.listeners.set(event, listener);
      }
    },
    Connection: class implements TediousConnection {
      connect(done: () => void): void {
        done();
      }
      execSql(given: TediousRequest): void {
        const request = given as InstanceType<typeof driver.Request>;
        let at = 0;
        request.go = () => {
          while (at < rows && !request.paused) {
            at++;
            driver.sent++;
            request.listeners.get("row")?.([cell(`row ${at}`)] as never);
          }
          if (at === rows && !request.paused) setImmediate(() => request.done(failure ?? null, rows));
        };
        request.listeners.get("columnMetadata")?.([cell("").metadata] as never);
        setImmediate(request.go);
      }
      beginTransaction(): void {}
      commitTransaction(): void {}
      rollbackTransaction(): void {}
      close(): void {
        driver.closed = true;
      }
      on(): void {}
    },
  };
  return driver;
}

async function lengths(pages: AsyncIterable<readonly Row[]>): Promise<number[]> {
  const found: number[] = [];
  for await (const page of pages) found.push(page.length);
  return found;
}

describe("a connection to SQL Server", () => {
  test.each([
    [0, []],
    [3, [3]],
    [500, [500]],
    [1_200, [500, 500, 200]],
  ])("streams %i rows in pages", async (rows, pages) => {
    const line = await SqlServerLine.open(driverOf(rows), {}, never);
    expect(await lengths(line.pages("SELECT 1", never))).toEqual(pages);
  });

  test("does not read ahead of who reads", async () => {
    const driver = driverOf(5_000);
    const line = await SqlServerLine.open(driver, {}, never);
    for await (const page of line.pages("SELECT 1", never)) {
      expect(driver.sent).toBe(page.length);
      break;
    }
  });

  test("fails a stream that broke off, whatever came before", async () => {
    const line = await SqlServerLine.open(driverOf(700, new Error("lost")), {}, never);
    await expect(lengths(line.pages("SELECT 1", never))).rejects.toMatchObject({ kind: "Unavailable" });
  });

  test("is dropped when a call is aborted", async () => {
    const driver = driverOf(5_000);
    const line = await SqlServerLine.open(driver, {}, never);
    const stop = new AbortController();
    stop.abort();
    await expect(line.run({ text: "SELECT 1", values: [] }, stop.signal)).rejects.toMatchObject({
      kind: "Retryable",
    });
    expect([driver.closed, line.isOpen]).toEqual([true, false]);
  });
});

test("values are shown as texts that mean the same, and never rounded", () => {
  const noon = new Date("2026-03-31T12:00:00.500Z");
  expect(shown(cell(noon, "DateTime2"))).toBe("2026-03-31T12:00:00.500Z");
  expect(shown(cell(noon, "Date"))).toBe("2026-03-31");
  expect(shown(cell(true, "Bit"))).toBe("true");
  expect(shown(cell(null))).toBeNull();
  expect(shown(cell(1.5, "DecimalN"))).toBe(1.5);
  expect(() => shown(cell(1e18, "NumericN"))).toThrow("cannot read column c");
});

test.each([
  [
    { number: 2627, message: "Violation of UNIQUE KEY constraint. The duplicate key value is (ann)." },
    "Conflict",
    "Row",
  ],
  [{ number: 1205, message: "deadlock victim" }, "Retryable", "Statement"],
  [{ number: 50000, message: "raised by a trigger" }, "Invalid", "Row"],
  [{ code: "ELOGIN", message: "Login failed" }, "Unauthenticated", "Connection"],
  [{ code: "ESOCKET", message: "Connection lost" }, "Unavailable", "Connection"],
])("the error %o is understood", (error, kind, scope) => {
  const failure = fromSqlServer(error);
  expect(failure).toMatchObject({ kind, scope });
  expect(failure.message).not.toContain("ann)");
});
