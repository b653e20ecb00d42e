import { spawnSync } from "node:child_process";

/**
 * Throws, with the cure, unless a `go` is there that can build a module of this folder. It is asked in that folder, where Go may answer
 * with a newer toolchain that go.mod asks for (https://go.dev/doc/toolchain).
 */
export function requireGo(folder: string): void {
  const { stdout, stderr, error } = spawnSync("go", ["version"], { cwd: folder, encoding: "utf8" });
  const trouble = error ? "there is none" : toolchainTrouble(stdout, stderr);
  if (trouble !== undefined)
    throw new Error(`cannot build without Go ${oldest.join(".")}: ${trouble}. ${cure}`);
}

/** What is wrong with the Go that said this, if anything is. */
export function toolchainTrouble(stdout: string, stderr: string): string | undefined {
  const [version, major, minor] = /go(\d+)\.(\d+)[^\s]*/.exec(stdout) ?? [];
  if (version === undefined) return stderr.trim() || "it does not say its version";
  const newEnough = Number(major) > oldest[0] || (Number(major) === oldest[0] && Number(minor) >= oldest[1]);
  return newEnough ? undefined : `${version} is too old`;
}

const oldest = [1, 26] as const;

const cure = `Install it in one of these ways and call this again:
  Debian and Ubuntu, where their release has it:  sudo apt-get install golang-go   (see: apt-cache policy golang-go)
  otherwise:  unpack the archive for this machine from https://go.dev/dl/ into /usr/local, and put /usr/local/go/bin into PATH
  with a Go from 1.21 on, let it fetch what it needs:  GOTOOLCHAIN=auto npm run setup`;
