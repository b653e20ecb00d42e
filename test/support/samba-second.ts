import { execFile } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type CaCertificate, makeCertificates } from "./certificates.ts";
import { makeFolder } from "./folder.ts";
import { freeAddress } from "./free-port.ts";
import { controllerProcess, type Samba } from "./samba.ts";
import { sambaAccounts, sambaConfig } from "./samba-setup.ts";

const run = promisify(execFile);

/** Another controller of a domain. Nothing is replicated but when a test says so. */
export interface SecondSamba extends AsyncDisposable {
  readonly address: string;
  readonly ldapsUrl: string;
  readonly ca: CaCertificate;
  /** Takes over what was changed at the first. */
  pull(): Promise<void>;
  /** Lets the first take over what was changed here. */
  push(): Promise<void>;
  stop(): Promise<void>;
  restart(): Promise<void>;
  /** SIGKILL, data stay. */
  kill(): Promise<void>;
}

/** Joins the domain of `first`, which has to be one that `replicates`, as its controller DC2; 4 s, 60 MB. */
export async function startSecondSamba(first: Samba): Promise<SecondSamba> {
  const folder = await makeFolder("samba-second");
  const address = await freeAddress(389);
  const certificates = await makeCertificates(folder.path, ["127.0.0.1", address]);
  await chmod(certificates.keyFile, 0o600);
  const data = join(folder.path, "domain");
  await mkdir(data);
  await run("samba-tool", joinArguments(data, address, first.address));
  await mkdir(join(data, "cache"), { recursive: true });
  await writeFile(join(data, "smb.conf"), sambaConfig(data, address, certificates, "dc2"));
  const server = controllerProcess(data, `ldap://${address}`, true);
  await server.start();
  const stop = async () => {
    await server.end();
    await folder.remove();
  };
  return {
    address,
    ldapsUrl: `ldaps://${address}`,
    ca: certificates.ca,
    pull: () => replicate(data, first.address),
    push: () => replicate(join(first.folder, "domain"), address),
    stop,
    restart: async () => {
      await server.end();
      await server.start();
    },
    kill: () => server.end("SIGKILL"),
    [Symbol.asyncDispose]: stop,
  };
}

const asAdministrator = [
  "--username=Administrator",
  `--password=${sambaAccounts.adminPassword}`,
  // The controllers of tests give no tickets.
  "--use-kerberos=off",
];

function joinArguments(data: string, address: string, first: string): string[] {
  return [
    ...["domain", "join", sambaAccounts.realm, "DC", ...asAdministrator],
    "--configfile=/dev/null",
    `--targetdir=${data}`,
    `--server=${first}`,
    `--realm=${sambaAccounts.realm}`,
    "--workgroup=ADEX",
    // There is no name server: the controllers know each other by their addresses.
    ...["--dns-backend=NONE", "--no-dns-updates"],
    "--option=netbios name=DC2",
    `--option=posix:eadb=${data}/eadb.tdb`,
    `--option=interfaces=${address}/8`,
    "--option=bind interfaces only=yes",
  ];
}

/** Brings the data in a folder up to what the controller at an address has. */
async function replicate(data: string, source: string): Promise<void> {
  const from = ["drs", "replicate", "any", source, sambaAccounts.suffix, "--local"];
  await run("samba-tool", [...from, "-s", join(data, "smb.conf"), ...asAdministrator]);
}
