import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { buildFlags, type GoProgram, pinnedVersion } from "./go-programs.ts";
import { requireGo } from "./go-toolchain.ts";
import { type Environment, programPath } from "./program-path.ts";

/** Builds those of the programs that are not there, and says what it does. Throws, with a cure, when one cannot be built. */
export function buildMissing(programs: readonly GoProgram[], environment: Environment): void {
  for (const program of programs) {
    const path = programPath(program, environment);
    const found = existsSync(path);
    const version = pinnedVersion(program.module);
    const doing = found
      ? "found"
      : `building ${version} from source, once, about ${program.takes} on two cores`;
    console.log(`setup: ${program.name}: ${doing}`);
    if (!found) build(program, path, environment);
  }
}

/** A build that is interrupted leaves nothing at the path; of two at once the later one puts its equal in the place of the first. */
function build(program: GoProgram, path: string, environment: Environment): void {
  requireGo(program.module.folder);
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.unfinished-${process.pid}`;
  const args = ["build", ...buildFlags(program), "-o", unfinished, program.package];
  try {
    const { status, error } = spawnSync("go", args, {
      cwd: program.module.folder,
      stdio: ["ignore", "inherit", "inherit"],
      // Nothing of the user's own, nor of a workspace around us, makes another program of it.
      env: { ...environment, GOFLAGS: "-buildvcs=false", GOWORK: "off" },
    });
    if (status !== 0)
      throw new Error(cannotBuild(program, error?.message ?? `go build ended with ${status}`));
    renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

function cannotBuild({ name, module }: GoProgram, cause: string): string {
  return `cannot build ${name}: ${cause}, for the reason above.
If a module could not be fetched: go.mod and go.sum in ${module.folder} say what is needed, about 1 GB of sources with all that they are built of.
  behind a firewall:  GOPROXY=https://YOUR.PROXY npm run setup   (or HTTPS_PROXY; GOSUMDB is not needed, go.sum has every hash)
  without any network:  copy the folder that \`go env GOMODCACHE\` names from a machine that has built it, and call
                        GOPROXY=off npm run setup`;
}
