import { describe, expect, test } from "vitest";
import { ApiError } from "./api.ts";
import { delayAfter, isPassing, retrying } from "./retry.ts";

describe("a call is tried again", () => {
  test.each([0, 429, 500, 503])("after %i", async (status) => {
    const call = failing(status, 1);
    expect(await retrying(call.make)).toBe("done");
    expect(call.tries()).toBe(2);
  });

  test.each([400, 401, 403, 404, 409, 410, 422])(
    "never after %i: nothing else would come of it",
    async (status) => {
      const call = failing(status, 1);
      await expect(retrying(call.make)).rejects.toThrow(`status ${status}`);
      expect(call.tries()).toBe(1);
    },
  );

  test("as often as is allowed", async () => {
    const call = failing(503, 9);
    await expect(retrying(call.make, { tries: 2 })).rejects.toThrow("status 503");
    expect(call.tries()).toBe(2);
  });

  test("no more once it is aborted", async () => {
    const stop = new AbortController();
    const call = failing(503, 9, () => stop.abort());
    await expect(retrying(call.make, { signal: stop.signal })).rejects.toThrow("aborted");
    expect(call.tries()).toBe(1);
  });
});

test("what is no answer of an API server does not pass", () =>
  expect(isPassing(new Error("ours"))).toBe(false));

test("waits grow from half a second to half a minute, spread over their upper half, and last as long as the server asks", () => {
  for (const [failures, whole] of [
    [1, 500],
    [3, 2_000],
    [50, 30_000],
  ] as const) {
    const wait = delayAfter(failures, undefined);
    expect(wait >= whole / 2 && wait <= whole).toBe(true);
  }
  expect(delayAfter(1, new ApiError(429, "", "", { retryAfter: 7_000 }))).toBeGreaterThanOrEqual(7_000);
});

function failing(status: number, times: number, onTry = () => {}) {
  let tries = 0;
  const make = async () => {
    tries += 1;
    onTry();
    if (tries <= times) throw new ApiError(status, "", `status ${status}`, { retryAfter: 1 });
    return "done";
  };
  return { make, tries: () => tries };
}
