/** Why an account, or a group, of the store is left out: no manifest is written for it, and nothing of it is touched. */
export const omissions = [
  /** Nobody may change it: its Store's manifest says so, or the store does. */
  "Protected",
  /** It lies outside the Store's boundary. */
  "OutOfBounds",
  /** It is not of the kind that the target makes: a value that every new account gets is not there. */
  "OtherKind",
  /** A mapped value is no text. */
  "Undecodable",
  /** It would be renamed: it is not named as the target names accounts. */
  "NamedOtherwise",
  /** Its values do not go through the mappings and back: several where there is one, or two that disagree. */
  "Unfit",
  /** A key that proves identity is another account's, too. */
  "DuplicateKey",
  /** An identity that does not have this account has its user name. */
  "Declared",
  /** Its manifest would not be valid. */
  "Invalid",
] as const;

/** What else somebody should see to; it is imported all the same. */
export const doubts = [
  /** It has no key that proves whose it is. */
  "MissingKey",
  /** The first key that would find it again finds others, too. */
  "SharedKey",
  /** A group's member that is a group: what it passes on is given to nobody. */
  "NestedGroup",
  /** A group's member that is no account of the target: it is gone, or from elsewhere. */
  "UnknownMember",
] as const;

export type Omission = (typeof omissions)[number];
export type Doubt = (typeof doubts)[number];

/** Something about one account or group that a person should know after an import. */
export interface Remark {
  readonly kind: Omission | Doubt;
  /** What the store calls it. */
  readonly name: string;
  /** The attribute, value, member or reason that it is about. */
  readonly detail: string;
}
