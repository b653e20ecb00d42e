/** Where the password of one account is read from, or delivered to. */
export type PasswordPlace =
  | { readonly kind: "Secret"; readonly name: string; readonly key: string }
  /** Below the operator's root. */
  | { readonly kind: "File"; readonly path: string }
  | { readonly kind: "Call"; readonly url: string };

/**
 * A password that is to be set. A plan never has its value: a generated one is made when it is delivered, one from a Secret or a
 * file is read again when it is set, and one that a person gives comes with the request.
 */
export interface PasswordChange {
  readonly how: "Generated" | "Read" | "Given";
  /** Absent where a person gives it. */
  readonly place?: PasswordPlace;
  /** What the link remembers once it is set. For one that is read, a digest under the state's key (law 9). */
  readonly version: string;
  /** Whether it must be changed at the next login, where the store has such a notion. */
  readonly mustChange: boolean;
  /** Another one was set before; of one that is read: another one that stood there. */
  readonly replaces: boolean;
}

/** A password on its way to whoever hands it on. */
export interface PasswordDelivery {
  /** Another one for each password: a receiver knows by it what came twice. */
  readonly id: string;
  readonly password: string;
  readonly mustChange: boolean;
  readonly target: string;
  readonly store: string;
  /** The identity's `id`. */
  readonly identity: string;
  /** What the store calls the account, or will. */
  readonly account: string;
}

/** What a link remembers of an account that was made, or enabled again, without anybody knowing whether its password was set. */
export const unknownPassword = "unknown";
/** What it remembers of one that was generated for it. */
export const generatedPassword = "generated";
/** What it remembers of one that a person gave. */
export const givenPassword = "given";

/** What is shown in the place of one that a person gave. */
export const givenText = "(given by hand)";

/** `Secret alice-ldap`, `file people/alice`: safe to show. */
export function placeText(place: PasswordPlace): string {
  switch (place.kind) {
    case "Secret":
      return `Secret ${place.name}`;
    case "File":
      return `file ${place.path}`;
    case "Call":
      return place.url;
  }
}

/** What plans, journal and messages show in a password's place. */
export function passwordText({ how, place, replaces }: PasswordChange): string {
  if (how === "Given" || place === undefined) return givenText;
  if (how === "Generated") return `(generated, to ${placeText(place)})`;
  return `(from ${placeText(place)}${replaces ? ", changed" : ""})`;
}
