import { Client } from "ldapts";
import { expect, test } from "vitest";
import { startSamba } from "./samba.ts";
import { startSecondSamba } from "./samba-second.ts";

test("a second controller has what the first has once it is told to replicate, and the other way round", async () => {
  await using first = await startSamba({ replicates: true });
  await using second = await startSecondSamba(first);
  const at = async <T>(one: typeof first | typeof second, work: (client: Client) => Promise<T>) => {
    const client = new Client({ url: one.ldapsUrl, tlsOptions: { ca: [one.ca.text] } });
    try {
      await client.bind(first.serviceName, first.servicePassword);
      return await work(client);
    } finally {
      await client.unbind();
    }
  };
  const add = (one: typeof first | typeof second, name: string) =>
    at(one, (client) => {
      const user = { objectClass: "user", sAMAccountName: name, userAccountControl: "514" };
      return client.add(`CN=${name},${first.peopleDn}`, user);
    });
  const people = (one: typeof first | typeof second) =>
    at(one, async (client) => {
      const { searchEntries } = await client.search(first.peopleDn, { scope: "one" });
      return searchEntries.map(({ cn }) => cn).toSorted();
    });
  await add(first, "ada");
  expect(await people(second)).toEqual([]);
  await second.pull();
  expect(await people(second)).toEqual(["ada"]);
  await add(second, "eve");
  expect(await people(first)).toEqual(["ada"]);
  await second.push();
  expect(await people(first)).toEqual(["ada", "eve"]);
});
