import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { type Context, UsageError } from "../command.ts";
import { contextFlag, controllerNamespaceFlag, kubeconfigFlag } from "./flags.ts";

export interface Forwarded {
  readonly url: string;
  /** Ends the tunnel. */
  close(): Promise<void>;
}

const apiPort = 9465;

/**
 * Opens a tunnel to the controller's read API through the API server (`kubectl port-forward`), which knows the user by the same kubeconfig: no
 * Service and no Ingress are needed. Throws a `UsageError` with kubectl's own words where that fails.
 */
export async function forwardPort({ args, environment }: Context): Promise<Forwarded> {
  const option = (name: string, value: string | undefined) =>
    value === undefined ? [] : [`--${name}=${value}`];
  const words = [
    "port-forward",
    ...option("namespace", args.text(controllerNamespaceFlag) ?? "rollcall-system"),
    ...option("context", args.text(contextFlag)),
    ...option("kubeconfig", args.text(kubeconfigFlag)),
    ...["--address=127.0.0.1", "deployment/rollcall", `:${apiPort}`],
  ];
  const child = spawn("kubectl", words, { env: { ...environment }, stdio: ["ignore", "pipe", "pipe"] });
  const close = async () => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const ended = once(child, "exit");
    child.kill();
    await ended;
  };
  try {
    return { url: await announcedUrl(child), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Milliseconds in which the tunnel must stand. */
const standsWithin = 30_000;

async function announcedUrl(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const said: string[] = [];
  const refuse = (why: string) =>
    reject(
      new UsageError(`cannot reach the controller by kubectl port-forward: ${why}; or name it by --server`),
    );
  const timer = setTimeout(() => refuse("it does not come to an end"), standsWithin);
  child.once("error", (error: NodeJS.ErrnoException) =>
    refuse(error.code === "ENOENT" ? "there is no kubectl here: install it" : error.message),
  );
  child.once("close", () => refuse(said.join(" ").trim() || "it ended without a word"));
  createInterface({ input: child.stderr! }).on("line", (line) => said.push(line));
  createInterface({ input: child.stdout! }).on("line", (line) => {
    const [, port] = /^Forwarding from 127\.0\.0\.1:(\d+) /.exec(line) ?? [];
    if (port !== undefined) resolve(`http://127.0.0.1:${port}`);
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}
