import { expect, test } from "vitest";
import { toolchainTrouble } from "./go-toolchain.ts";

test.each(["go1.26.0", "go1.26rc1", "go1.30.2", "go2.0"])("builds with %s", (version) => {
  expect(toolchainTrouble(`go version ${version} linux/amd64\n`, "")).toBeUndefined();
});

test("says of an older one which it is", () => {
  expect(toolchainTrouble("go version go1.19.8 linux/amd64\n", "")).toBe("go1.19.8 is too old");
});

test("says what Go itself says when it may not fetch a newer one", () => {
  const said = "go: go.mod requires go >= 1.26.0 (running go 1.24.4; GOTOOLCHAIN=local)\n";
  expect(toolchainTrouble("", said)).toBe(said.trim());
});
