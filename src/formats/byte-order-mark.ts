export const byteOrderMark = "\uFEFF";

interface Unmarked {
  readonly marked: boolean;
  /** Whether there is nothing else. */
  readonly empty: boolean;
  readonly body: AsyncIterable<string>;
}

/** Takes the byte order mark off a text. */
export async function pastMark(text: AsyncGenerator<string>): Promise<Unmarked> {
  let head = "";
  while (head.length <= byteOrderMark.length) {
    const { value, done } = await text.next();
    if (done) break;
    head += value;
  }
  const marked = head.startsWith(byteOrderMark);
  const begin = marked ? head.slice(byteOrderMark.length) : head;
  async function* body() {
    yield begin;
    yield* text;
  }
  return { marked, empty: begin === "", body: body() };
}
