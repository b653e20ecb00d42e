import { Attribute, Change, type Client, type Entry } from "ldapts";
import type { Values } from "../../src/core/model/values.ts";
import type { Sample } from "./subject.ts";

/** Requests under way at once. */
const atOnce = 50;

/** Adds the samples' entries with these attributes beside their own. */
export async function addAll(
  client: Client,
  samples: readonly Sample[],
  more: Readonly<Record<string, Values>> = {},
): Promise<void> {
  for (let at = 0; at < samples.length; at += atOnce)
    await Promise.all(
      samples.slice(at, at + atOnce).map(({ name, attributes }) => {
        const list = Object.entries({ ...attributes, ...more }).map(
          ([type, values]) => new Attribute({ type, values: [...values] }),
        );
        return client.add(name, list);
      }),
    );
}

export async function deleteAll(client: Client, entries: readonly Entry[]): Promise<void> {
  for (let at = 0; at < entries.length; at += atOnce)
    await Promise.all(entries.slice(at, at + atOnce).map(({ dn }) => client.del(dn)));
}

/** A change of one attribute; `binary` is the one whose values are base64. */
export function modification(
  operation: "add" | "replace",
  type: string,
  values: Values,
  binary: string,
): Change {
  const encoded = type === binary ? values.map((value) => Buffer.from(value, "base64")) : [...values];
  return new Change({ operation, modification: new Attribute({ type, values: encoded as string[] }) });
}

/** What an entry holds, all values as texts. */
export function attributesIn({ dn: _, ...rest }: Entry): Record<string, string[]> {
  return Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, textsOf(value)]));
}

export function textsOf(value: Entry[string]): string[] {
  const values = Array.isArray(value) ? value : [value];
  return values.map((one) => (Buffer.isBuffer(one) ? one.toString("base64") : one));
}
