import { spawn } from "node:child_process";
import { once } from "node:events";

/** Runs a store's own tool, its output thrown away, and gives the seconds it took. `variables` go beside those of this process. */
export async function seconds(
  command: string,
  args: readonly string[],
  input = "",
  variables: NodeJS.ProcessEnv = {},
): Promise<number> {
  const start = performance.now();
  const child = spawn(command, args, {
    stdio: ["pipe", "ignore", "pipe"],
    env: { ...process.env, ...variables },
  });
  child.stdin.on("error", () => {}); // It ended without reading: its exit code tells whether that was wrong.
  const errors: Buffer[] = [];
  child.stderr.on("data", (piece: Buffer) => errors.push(piece));
  child.stdin.end(input);
  const [code] = await once(child, "close");
  const taken = (performance.now() - start) / 1000;
  if (code === 0) return taken;
  throw new Error(`${command} ended with ${code}: ${Buffer.concat(errors).toString().slice(-500)}`);
}
