import { identityId } from "../core/kinds/identity-id.ts";
import type { Resource } from "../core/kinds/resource.ts";
import type { JournalEntry, JournalQuery, State } from "../state/state.ts";

/** One line of the journal, as data: what `journal -o json` prints. */
export type JournalLineDocument = Omit<JournalEntry, "at"> & {
  /** RFC 3339. */
  readonly at: string;
};

/** The journal as a controller tells it. */
export interface JournalDocument {
  readonly format: "rollcall.dev/journal/v1";
  /** There are older ones that the question meant too. */
  readonly more: boolean;
  /** Oldest first. */
  readonly entries: readonly JournalLineDocument[];
}

/** The newest entries that the query means, `last` of them. */
export async function journalDocument(
  state: State,
  query: JournalQuery & { readonly last: number },
): Promise<JournalDocument> {
  const entries: JournalEntry[] = [];
  for await (const page of state.journal({ ...query, last: query.last + 1 })) entries.push(...page);
  const newest = entries.slice(-query.last);
  return {
    format: "rollcall.dev/journal/v1",
    more: newest.length < entries.length,
    entries: newest.map(journalLine),
  };
}

export function journalLine({ seq, at, ...entry }: JournalEntry): JournalLineDocument {
  return { seq, ...entry, at: new Date(at).toISOString() };
}

/** Who is meant by an object's name or an id: the journal goes by ids, which outlive manifests. */
export function idOf(
  word: string | undefined,
  named: (name: string) => Resource<"Identity"> | undefined,
): Pick<JournalQuery, "identity"> {
  if (word === undefined) return {};
  const identity = named(word);
  return { identity: identity ? identityId(identity) : word };
}
