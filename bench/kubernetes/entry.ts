import { Attribute, Change, Client } from "ldapts";
import type { OpenLdap } from "../../test/support/openldap.ts";
import { waitFor } from "../../test/support/wait.ts";
import type { Person } from "../company.ts";

/** The entries as the server itself dates their changes: to the microsecond, by the clock of this machine, so that nobody needs to watch. */
export interface Entries extends AsyncDisposable {
  /** Milliseconds since the epoch at which the entry was given this title, once it has it. */
  titled(one: Person, title: string): Promise<number>;
  retitle(one: Person, title: string): Promise<void>;
}

export async function openEntries(server: OpenLdap): Promise<Entries> {
  const client = new Client({ url: server.url });
  await client.bind(server.serviceDn, server.servicePassword);
  const nameOf = ({ id }: Person) => `uid=${id},${server.peopleDn}`;
  return {
    async titled(one, title) {
      const change = await waitFor(
        async () => {
          const wanted = { scope: "base" as const, attributes: ["title", "entryCSN"] };
          const [entry] = (await client.search(nameOf(one), wanted)).searchEntries;
          return entry?.title === title ? String(entry.entryCSN) : undefined;
        },
        { what: `${one.id} is ${title}` },
      );
      return millisecondsOf(change);
    },
    async retitle(one, title) {
      const modification = new Attribute({ type: "title", values: [title] });
      await client.modify(nameOf(one), new Change({ operation: "replace", modification }));
    },
    [Symbol.asyncDispose]: () => client.unbind(),
  };
}

/** Of a change sequence number: `20261122235959.123456Z#000000#000#000000`. */
function millisecondsOf(csn: string): number {
  const [, year, month, day, hour, minute, second, fraction] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\.(\d{6})Z/.exec(csn) ?? [];
  const whole = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return whole + Number(fraction) / 1000;
}
