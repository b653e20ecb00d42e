import { describe, expect, it } from "vitest";
import { connectError, resultError } from "./errors.ts";

const result = (code: number, text = "", referrals: string[] = []) => ({
  code,
  text,
  referrals,
  matchedDn: "",
  value: undefined,
  controls: new Map<string, Buffer>(),
});

describe("a result code", () => {
  it.each([
    [3, "Unavailable"],
    [4, "Unavailable"],
    [8, "Unauthenticated"],
    [10, "Unavailable"],
    [11, "Unavailable"],
    [19, "Invalid"],
    [32, "NotFound"],
    [49, "Unauthenticated"],
    [50, "Denied"],
    [51, "Retryable"],
    [52, "Unavailable"],
    [53, "Invalid"],
    [65, "Invalid"],
    [68, "Conflict"],
    [122, "Moved"],
    [4711, "Invalid"],
  ])("%i is %s, and the error names the object and the code", (code, kind) => {
    const error = resultError("add uid=ada", result(code, "the server's words"));
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(new RegExp(`^cannot add uid=ada: .*\\(${code}\\): the server's words`));
  });

  it("constraintViolation of the unique overlay is a Conflict", () => {
    expect(resultError("add x", result(19, "some attributes not unique")).kind).toBe("Conflict");
  });

  it("referral names where to", () => {
    expect(resultError("change x", result(10, "", ["ldap://main"])).message).toContain("ldap://main");
  });
});

it("a certificate that is not trusted names the cure", () => {
  const cause = Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  expect(connectError("ldaps://x", cause).message).toBe(
    "cannot trust ldaps://x: self-signed certificate; set ca to the certificate of the authority that signed the server's",
  );
});
