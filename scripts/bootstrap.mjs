// Puts the dependencies in when a clone has none, or others than package-lock.json says. It has no dependencies itself and runs on
// whatever Node is installed: the Node that everything else needs comes with the dependencies (node_modules/.bin/node).
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);

if (!installed()) {
  console.error("bootstrap: node_modules is missing or not what package-lock.json says, running npm ci");
  const npm = spawnSync("npm", ["ci", "--ignore-scripts", "--loglevel=error"], {
    cwd: fileURLToPath(root),
    stdio: ["ignore", 2, 2], // Standard output belongs to the command that is bootstrapped.
  });
  if (npm.status !== 0) {
    console.error(`bootstrap: cannot install the dependencies: npm ci ended with ${npm.status ?? npm.error}`);
    process.exit(1);
  }
}

/** Whether npm's own record of what it installed agrees with the lock file. Optional packages depend on the platform. */
function installed() {
  const record = packagesOf("node_modules/.package-lock.json");
  return Object.entries(packagesOf("package-lock.json") ?? {}).every(([path, wanted]) => {
    if (path === "") return record !== undefined;
    const found = record?.[path];
    return found === undefined ? wanted.optional === true : found.integrity === wanted.integrity;
  });
}

function packagesOf(path) {
  try {
    return JSON.parse(readFileSync(new URL(path, root), "utf8")).packages;
  } catch {
    return undefined;
  }
}
