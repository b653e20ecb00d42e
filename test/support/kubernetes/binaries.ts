import { existsSync } from "node:fs";
import { goPrograms, type ProgramName } from "../../../scripts/setup/go-programs.ts";
import { programPath } from "../../../scripts/setup/program-path.ts";
import { environment } from "../environment.ts";

/** The path of a program that `npm run setup` builds. Throws where it did not. */
export function binary(name: ProgramName): string {
  const program = goPrograms.find((each) => each.name === name);
  const path = program && programPath(program, environment());
  if (path !== undefined && existsSync(path)) return path;
  throw new Error(`cannot find ${name}: ${path} is not there. Run "npm run setup", which builds it`);
}
