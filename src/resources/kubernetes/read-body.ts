/** Bytes: a page of 500 large objects has room in it. */
const largestAnswer = 256 * 2 ** 20;
/** Bytes: etcd keeps no object of more than 1.5 MB, which an escape in JSON can make six times as long. */
const longestLine = 16 * 2 ** 20;
const newline = 0x0a;

/** Throws when the body is longer than any answer we ask for, or breaks. */
export async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > largestAnswer) throw new Error(`the answer is longer than ${largestAnswer} bytes`);
  }
  return Buffer.concat(chunks, length).toString("utf8");
}

/** One JSON value a line; `onData` is called whenever something came. Throws at a line that is no JSON, too long, or cut off. */
export async function* readJsonLines(
  body: AsyncIterable<Buffer>,
  onData: () => void,
): AsyncGenerator<unknown> {
  let begun: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    onData();
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const line = Buffer.concat([...begun, chunk.subarray(start, end)]).toString("utf8");
      begun = [];
      length = 0;
      start = end + 1;
      if (line.trim() !== "") yield JSON.parse(line);
    }
    if (start === chunk.length) continue;
    begun.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > longestLine) throw new Error(`a line is longer than ${longestLine} bytes`);
  }
  if (begun.length > 0) throw new Error("the answer ended in the middle of a line");
}
