/** A line as it is meant: what was folded is one again (RFC 2849, notes 2 and 3). */
export interface Unfolded {
  readonly text: string;
  /** Where the next one begins. */
  readonly next: number;
  /** Of how many lines it is made. */
  readonly parts: number;
}

const [carriageReturn, space] = [0x0d, 0x20];

/** The line that begins at this index. A blank one has no continuation. */
export function unfold(source: string, start: number): Unfolded {
  let end = endOf(source, start);
  let text = contentOf(source, start, end);
  let parts = 1;
  if (text === "") return { text, next: Math.min(end + 1, source.length), parts };
  while (source.charCodeAt(end + 1) === space) {
    const from = end + 2;
    end = endOf(source, from);
    text += contentOf(source, from, end);
    parts++;
  }
  return { text, next: Math.min(end + 1, source.length), parts };
}

function endOf(source: string, from: number): number {
  const at = source.indexOf("\n", from);
  return at < 0 ? source.length : at;
}

function contentOf(source: string, from: number, end: number): string {
  return source.slice(from, source.charCodeAt(end - 1) === carriageReturn && end > from ? end - 1 : end);
}
