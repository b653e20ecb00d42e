import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const folder = "node_modules/odbc";
const binding = `${folder}/lib/bindings/napi-v8/odbc.node`;

/**
 * Builds the native part of npm's `odbc` from the sources that package-lock.json pins: its own install script, which our installs
 * leave out, would rather fetch a binary that nothing pins. Throws, with a cure, when it cannot be built.
 */
export function buildOdbcBinding(): void {
  if (existsSync(binding)) {
    console.log("setup: odbc's native part: found");
    return;
  }
  console.log("setup: odbc's native part: building it from source, once, about 20 s on two cores");
  const { status, error } = spawnSync("npm", ["run", "build", "--loglevel=error"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0 || !existsSync(binding))
    throw new Error(
      `cannot build odbc's native part: ${error?.message ?? `npm run build ended with ${status}`}, for the reason above.
If Node's headers could not be fetched: install them (Debian's libnode-dev) and call
  npm_config_nodedir=/usr npm run setup`,
    );
}
