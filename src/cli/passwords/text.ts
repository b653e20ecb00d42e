/**
 * Whether what was read as UTF-8 was that. Other bytes become U+FFFD, all of them the same: a password with it would be one that nobody has,
 * and that others could guess.
 */
export function isText(password: string): boolean {
  return !password.includes("\ufffd");
}

export const noText =
  "holds a password that is no text in UTF-8: convert it (iconv -t UTF-8), or choose another";
