/** Whether a name fits a pattern in which * stands for any characters and ? for one. Takes time in proportion to both lengths, whatever they hold. */
export function globMatches(pattern: string, name: string): boolean {
  let [at, place] = [0, 0];
  /** Where the last * stands, and how much of the name it takes so far. */
  let [star, taken] = [-1, 0];
  while (place < name.length) {
    if (pattern[at] === "*") {
      [star, taken] = [at++, place];
    } else if (pattern[at] === "?" || pattern[at] === name[place]) {
      at++;
      place++;
    } else if (star >= 0) {
      at = star + 1;
      place = ++taken;
    } else {
      return false;
    }
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}
