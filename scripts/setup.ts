/** Puts in what the tests need from the system: real servers and their tools. Says what it does; installs packages only as root. */
import { spawnSync } from "node:child_process";
import { buildMissing } from "./setup/go-binaries.ts";
import { goPrograms } from "./setup/go-programs.ts";
import { buildOdbcBinding } from "./setup/odbc-binding.ts";
import { missingPackages, requirements } from "./setup/requirements.ts";
import { withServicesHeldBack } from "./setup/service-policy.ts";

try {
  const missing = missingPackages(requirements);
  for (const { debianPackage, purpose } of requirements) {
    console.log(
      `setup: ${debianPackage} (${purpose}): ${missing.includes(debianPackage) ? "missing" : "found"}`,
    );
  }
  if (missing.length > 0) install(missing);
  buildOdbcBinding();
  buildMissing(goPrograms, process.env);
} catch (error) {
  console.error(`setup: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

function install(packages: readonly string[]): void {
  const command = `apt-get install -qy --no-install-recommends ${packages.join(" ")}`;
  if (process.getuid?.() !== 0)
    throw new Error(`cannot install what is missing without being root. Run:\n  sudo ${command}`);
  withServicesHeldBack(() => {
    run("apt-get update");
    run(command);
  });
  const still = missingPackages(requirements);
  if (still.length > 0) throw new Error(`cannot find, though apt-get installed it: ${still.join(", ")}`);
}

function run(command: string): void {
  console.log(`setup: ${command}`);
  const [program = "", ...args] = command.split(" ");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const { status, error } = spawnSync(program, args, { stdio: ["ignore", "inherit", "inherit"], env });
  if (status !== 0)
    throw new Error(
      `cannot run "${command}" (${error?.message ?? status}). Install by hand what is missing.`,
    );
}
