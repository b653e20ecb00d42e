import { type Doubt, doubts, type Omission, omissions, type Remark } from "../core/import/remark.ts";
import { plain } from "./words.ts";

/** All that is remarked of one kind, as `import -o json` has it. */
export interface RemarkGroup {
  readonly kind: Remark["kind"];
  /** Whether it was left out: no manifest was written for it, and nothing of it is touched. */
  readonly leftOut: boolean;
  readonly count: number;
  readonly what: string;
  /** What a person can do about it. */
  readonly cure: string;
  readonly entries: readonly { readonly name: string; readonly detail: string }[];
}

const wordings: Readonly<Record<Omission | Doubt, { readonly what: string; readonly cure: string }>> = {
  Protected: {
    what: "may not be changed",
    cure: "nothing, if that is meant: it stays an orphan; else lift the protection, and import again",
  },
  OutOfBounds: {
    what: "outside the Store's boundary",
    cure: "nothing, if that is meant; else widen `boundary` in the Store, or narrow the Target",
  },
  OtherKind: {
    what: "not of the kind that the Target makes: service accounts, perhaps",
    cure: "give them a Target of their own, or keep them out of this one by its filter",
  },
  Undecodable: {
    what: "with a value that is no text: written in another encoding, perhaps Latin-1",
    cure: "write the value anew in the store, as UTF-8, and import again",
  },
  NamedOtherwise: {
    what: "not named as `accounts.name` says, so that they would be renamed",
    cure: "give them a Target whose `accounts.name` names them as they are, or rename them in the store",
  },
  Unfit: {
    what: "with values that the mappings would change: several where there is one, or two that disagree",
    cure: "put them right in the store and import again, or say `apply: IfEmpty` in that mapping",
  },
  DuplicateKey: {
    what: "with a key that proves identity, and that another account has, too",
    cure: "find out whose it is, take it from the others in the store, and import again",
  },
  Declared: {
    what: "with the user name of an Identity that is there, and does not have the account",
    cure: "if it is theirs, give that Identity a Grant of an access profile of this Target; `links` in it can name the account",
  },
  Invalid: {
    what: "whose manifest would not be valid",
    cure: "put the value right in the store, and import again",
  },
  MissingKey: {
    what: "without a key that proves whose they are",
    cure: "see whose they are, and take what is nobody's (service accounts, perhaps) out of identities.yaml and grants.yaml",
  },
  SharedKey: {
    what: "with a key that others have, too: named by their anchors instead",
    cure: "give each their own in the store, if that is not meant",
  },
  NestedGroup: {
    what: "memberships of groups in groups: what they pass on is not granted",
    cure: "grant it, where somebody ought to have it through Rollcall; the group in the group is left as it is",
  },
  UnknownMember: {
    what: "memberships of what is no account of this Target: gone, or from elsewhere",
    cure: "take them out of the group in the store; Rollcall leaves them as they are",
  },
};

/** Remarks by kind, those on what was left out first. */
export function remarkGroups(remarks: readonly Remark[]): readonly RemarkGroup[] {
  const byKind = Map.groupBy(remarks, ({ kind }) => kind);
  return [...omissions, ...doubts].flatMap((kind): RemarkGroup[] => {
    const some = byKind.get(kind) ?? [];
    if (some.length === 0) return [];
    // What shares a key stands together.
    const entries = some
      .map(({ name, detail }) => ({ name, detail }))
      .sort((a, b) => compare(a.detail, b.detail) || compare(a.name, b.name));
    const leftOut = omissions.some((each) => each === kind);
    return [{ kind, leftOut, count: entries.length, ...wordings[kind], entries }];
  });
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Entries of one kind that are written out. */
const mostEntries = 5;

export function remarksText(groups: readonly RemarkGroup[]): readonly string[] {
  const omitted = groups.filter(({ leftOut }) => leftOut);
  const doubtful = groups.filter(({ leftOut }) => !leftOut);
  const total = omitted.reduce((sum, { count }) => sum + count, 0);
  return [
    ...(total > 0
      ? ["", `Left out: ${total}. No manifest is written for them, and nothing of them is touched.`]
      : []),
    ...omitted.flatMap(groupText),
    ...(doubtful.length > 0 ? ["", "Imported, and to be seen to:"] : []),
    ...doubtful.flatMap(groupText),
    ...(groups.some(({ count }) => count > mostEntries) ? ["", "-o json lists every one."] : []),
    ...(groups.length > 0 ? [""] : []),
  ];
}

function groupText({ kind, count, what, cure, entries }: RemarkGroup): readonly string[] {
  return [
    `! ${kind}: ${count} ${what}`,
    ...entries.slice(0, mostEntries).map(({ name, detail }) => `      ${plain(name)}: ${plain(detail)}`),
    ...(count > mostEntries ? [`      … and ${count - mostEntries} more`] : []),
    `    To do: ${cure}`,
  ];
}
