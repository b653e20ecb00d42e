import type { Scanned } from "./scan.ts";

/** Prints how many rows were read, in what time, and what memory this process took for it. */
export async function report(read: () => Promise<number>): Promise<void> {
  const start = performance.now();
  const rows = await read();
  const scanned: Scanned = {
    rows,
    seconds: (performance.now() - start) / 1000,
    peak: process.resourceUsage().maxRSS / 1024,
  };
  process.stdout.write(JSON.stringify(scanned));
}
