import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

export type Binary = "etcd" | "kube-apiserver" | "kube-controller-manager" | "kubectl" | "helm";

/** Where a program lies that `npm run setup` builds. */
export function binary(name: Binary): string {
  const path = join(homedir(), ".cache/rollcall/bin-new", name);
  if (!existsSync(path)) throw new Error(`cannot find ${name} in ${path}: run "npm run setup"`);
  return path;
}
