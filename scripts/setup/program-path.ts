import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { buildFlags, type GoProgram, type ProgramName } from "./go-programs.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where a program lies once it is built: outside the checkout, in a folder named after all that goes into it, so that clones share it
 * and a changed pin makes another. Where KUBEBUILDER_ASSETS has what envtest has, those are taken instead.
 */
export function programPath(program: GoProgram, environment: Environment): string {
  return (
    assetPath(program.name, environment) ??
    join(cacheFolder(environment), "bin", fingerprint(program), program.name)
  );
}

/** `ROLLCALL_CACHE`, else a folder in the user's cache: https://specifications.freedesktop.org/basedir-spec/latest/ */
export function cacheFolder({ ROLLCALL_CACHE, XDG_CACHE_HOME = "", HOME }: Environment): string {
  if (ROLLCALL_CACHE) return ROLLCALL_CACHE;
  const users = isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(HOME || homedir(), ".cache");
  return join(users, "rollcall");
}

const envtest: readonly ProgramName[] = ["etcd", "kube-apiserver", "kubectl"];

function assetPath(name: ProgramName, { KUBEBUILDER_ASSETS: folder }: Environment): string | undefined {
  if (!folder || !envtest.includes(name)) return undefined;
  return envtest.every((each) => existsSync(join(folder, each))) ? join(folder, name) : undefined;
}

function fingerprint(program: GoProgram): string {
  const hash = createHash("sha256");
  for (const file of ["go.mod", "go.sum"]) hash.update(readFileSync(join(program.module.folder, file)));
  hash.update([process.platform, process.arch, ...buildFlags(program)].join(" "));
  return hash.digest("hex").slice(0, 16);
}
