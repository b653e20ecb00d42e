import { execFile } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { makeFolder } from "../../test/support/folder.ts";
import type { Figure } from "../figure.ts";

const run = promisify(execFile);

/** A format whose files are scanned, beside its parser alone. */
export interface ScanSubject {
  readonly title: string;
  readonly connector: string;
  /** The blocks; the file comes to the store's. */
  readonly store: Readonly<Record<string, unknown>>;
  readonly target: Readonly<Record<string, unknown>>;
  readonly attributes: readonly string[];
  readonly head: string;
  row(number: number): string;
  /** The parser alone, and the program here that runs it. */
  readonly bare: { readonly name: string; readonly program: string };
}

/** What a process found, and what it took. */
export interface Scanned {
  readonly rows: number;
  readonly seconds: number;
  /** MB of resident memory at their highest. */
  readonly peak: number;
}

/** A scan of a file that nothing is known of, and the bare parser on the same file, each in a process of its own. */
export async function scanFile(subject: ScanSubject, size: number): Promise<Figure[]> {
  await using folder = await makeFolder("bench");
  const file = join(folder.path, `accounts.${subject.connector}`);
  await write(file, subject, size);
  const { title, connector, target, attributes, bare } = subject;
  const asked = { connector, store: { ...subject.store, file }, target, attributes };
  const scan = await measured("scan-process.ts", JSON.stringify(asked), size);
  const alone = await measured(bare.program, file, size);
  const what = `${title}, ${size} rows`;
  return [
    {
      what: `${what}: scan`,
      value: scan.seconds,
      unit: "s",
      tool: { name: bare.name, value: alone.seconds },
      goal: 2,
    },
    {
      what: `${what}: resident memory of the process at its highest`,
      value: scan.peak,
      unit: "MB",
      goal: 300,
      note: `${bare.name} ${Math.round(alone.peak)} MB`,
    },
  ];
}

async function measured(program: string, argument: string, rows: number): Promise<Scanned> {
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, program), argument]);
  const scanned = JSON.parse(stdout) as Scanned;
  if (scanned.rows !== rows) throw new Error(`${program} found ${scanned.rows} of ${rows} rows`);
  return scanned;
}

async function write(path: string, { head, row }: ScanSubject, size: number): Promise<void> {
  const file = createWriteStream(path);
  file.write(head);
  for (let number = 0; number < size; number++) if (!file.write(row(number))) await once(file, "drain");
  file.end();
  await once(file, "close");
}
