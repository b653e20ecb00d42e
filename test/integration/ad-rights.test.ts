import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { delegation } from "../support/samba-setup.ts";

/** All other tests run as an account with these rights. */
it("the rights that the docs name are those that the tests' service account has", async () => {
  const docs = await readFile("docs/connectors/active-directory.md", "utf8");
  const named = /--sddl="([^"]+)"/.exec(docs)?.[1];
  expect(named?.replaceAll("SID", "S-1-5-21-1-2-3-1104")).toBe(delegation("S-1-5-21-1-2-3-1104"));
});
