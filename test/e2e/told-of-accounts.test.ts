import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { company, dn, person } from "../support/company.ts";
import { ManifestFolder } from "../support/manifest-folder.ts";
import { rollcall } from "../support/rollcall-process.ts";

interface Content {
  accounts: { name: string; [key: string]: unknown }[];
  deleted: unknown[];
}

/** A company whose accounts are made, and an editor of what its store says of them. */
async function running(target: Record<string, unknown> = {}) {
  const place = await ManifestFolder.make(...company(target), person("ann"), person("bob"));
  await rollcall("apply", ...place.words, "--init", "--yes");
  const edit = async (change: (content: Content) => void) => {
    const content: Content = JSON.parse(await readFile(place.at("store.json"), "utf8"));
    change(content);
    await place.writeStore({ ...content });
  };
  return { place, edit, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

test("plan, status and explain say which accounts are protected, and which cannot log in", async () => {
  await using world = await running();
  const { place, edit } = world;
  await edit(({ accounts }) => {
    for (const account of accounts)
      if (account.name === dn("ann")) Object.assign(account, { protected: "adminCount is 1" });
      else Object.assign(account, { trouble: ["Locked", "PasswordExpired"] });
  });
  await place.write(person("ann", { emails: [{ value: "a@new.example" }] }));
  const plan = await rollcall("plan", ...place.words);
  expect(plan).toMatchObject({
    code: 3,
    stdout: expect.stringContaining("may not be changed: adminCount is 1"),
  });
  await rollcall("apply", ...place.words, "--yes");
  const { stdout: status } = await rollcall("status", ...place.stateWords);
  expect(status).toContain("people: 1 account protected by the store, and left alone");
  expect(status).toContain("people: cannot log in as they are, when last read: 1 Locked, 1 PasswordExpired");
  const { stdout: ann } = await rollcall("explain", "ann", ...place.words);
  expect(ann).toContain("protected, and left alone: adminCount is 1");
  const { stdout: bob } = await rollcall("explain", "bob", ...place.words);
  expect(bob).toContain("cannot log in as it is: Locked, PasswordExpired");
});

test("plan says which deleted account the store may bring back, and apply does", async () => {
  await using world = await running({ outside: { missing: "Repair" } });
  const { place, edit } = world;
  const before = (await place.store()).accounts.find(({ name }) => name === dn("ann"));
  await edit((content) => {
    content.deleted = content.accounts.filter(({ name }) => name === dn("ann"));
    content.accounts = content.accounts.filter(({ name }) => name !== dn("ann"));
  });
  const plan = await rollcall("plan", ...place.words);
  expect(plan.stdout).toContain(`${dn("ann")} (ann)  (the store may bring back the deleted account #1)`);
  await rollcall("apply", ...place.words, "--yes");
  expect((await place.store()).accounts).toContainEqual(before);
  expect((await rollcall("plan", ...place.words)).code).toBe(0);
});
