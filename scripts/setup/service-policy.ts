import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";

/**
 * Does something while Debian's packages may not start services, then leaves the policy as it was found. Source: invoke-rc.d(8),
 * `policy-rc.d` answering 101 (action forbidden).
 */
export function withServicesHeldBack(work: () => void, policyFile = "/usr/sbin/policy-rc.d"): void {
  const found = readPolicy(policyFile);
  // Ctrl-C ends the command under way; without a listener it would end us too, before the policy is put back.
  const ignore = () => {};
  process.on("SIGINT", ignore);
  try {
    writePolicy(policyFile, { text: "#!/bin/sh\nexit 101\n", mode: 0o755 });
    work();
  } finally {
    if (found === undefined) rmSync(policyFile, { force: true });
    else writePolicy(policyFile, found);
    process.off("SIGINT", ignore);
  }
}

interface Policy {
  readonly text: string;
  readonly mode: number;
}

function readPolicy(file: string): Policy | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats && { text: readFileSync(file, "utf8"), mode: stats.mode & 0o777 };
}

function writePolicy(file: string, { text, mode }: Policy): void {
  writeFileSync(file, text);
  chmodSync(file, mode);
}
