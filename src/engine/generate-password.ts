import { randomInt } from "node:crypto";

/** Without those that are taken for others (0 O, 1 l I), and without marks that shells, URLs and CSV files read as their own. */
const classes = ["abcdefghijkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789", "!#%+-.=?@_"] as const;
const alphabet = classes.join("");

/**
 * A random password of at least 12 characters, uniform among those that have a letter of either case, a digit and a mark: what the
 * usual complexity rules ask for. Twenty characters have some 120 bits.
 */
export function generatePassword(length: number): string {
  for (;;) {
    const password = Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
    if (classes.every((one) => [...password].some((character) => one.includes(character)))) return password;
  }
}
