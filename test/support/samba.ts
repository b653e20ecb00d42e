import { execFile } from "node:child_process";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "ldapts";
import { type CaCertificate, type Certificates, makeCertificates } from "./certificates.ts";
import { makeFolder } from "./folder.ts";
import { freeAddress } from "./free-port.ts";
import { provisionArguments, randomDomainSid, sambaAccounts, sambaConfig, setupLdif } from "./samba-setup.ts";
import { ServerProcess } from "./server-process.ts";

const run = promisify(execFile);

/** A domain controller; its ports are fixed, so that each has a loopback address of its own. */
export interface Samba extends AsyncDisposable {
  /** `127.x.y.z`: LDAP on 389, which offers StartTLS, and LDAPS on 636. The certificate is good for it and for 127.0.0.1. */
  readonly address: string;
  readonly url: string;
  readonly ldapsUrl: string;
  readonly ca: CaCertificate;
  /** A CA that did not sign the server's certificate. */
  readonly otherCa: CaCertificate;
  readonly suffix: string;
  readonly realm: string;
  /** The organizational unit that was delegated to the service account, with those below it. */
  readonly managedDn: string;
  readonly peopleDn: string;
  readonly groupsDn: string;
  readonly disabledDn: string;
  readonly adminDn: string;
  readonly adminPassword: string;
  /** May manage users and groups below `managedDn`. */
  readonly serviceDn: string;
  /** The same, as a user principal name. */
  readonly serviceName: string;
  readonly servicePassword: string;
  /** May read what every user may, and write nothing. */
  readonly readerDn: string;
  readonly readerPassword: string;
  readonly folder: string;
  stop(): Promise<void>;
  /** Comes back at the same address with the same data, after `kill` too. */
  restart(): Promise<void>;
  /** SIGKILL, data stay. */
  kill(): Promise<void>;
  /** Another domain of the same name and content comes to answer at the same address. */
  replace(): Promise<void>;
}

export interface SambaOptions {
  /** Other controllers can join the domain, and replicate from this one. */
  readonly replicates?: boolean;
  /** Deleted objects keep their attributes, and can be brought back with them. */
  readonly recycleBin?: boolean;
}

/** Provisions a domain and starts its controller in a throwaway folder; 4 s, 60 MB. Samba needs root for that. */
export async function startSamba({ replicates, recycleBin }: SambaOptions = {}): Promise<Samba> {
  if (process.getuid?.() !== 0)
    throw new Error("cannot start a Samba domain controller: it needs root; run these tests as root");
  const folder = await makeFolder("samba");
  const address = await freeAddress(389);
  const [url, ldapsUrl] = [`ldap://${address}`, `ldaps://${address}`];
  const certificates = await makeCertificates(folder.path, ["127.0.0.1", address]);
  await chmod(certificates.keyFile, 0o600);
  const data = join(folder.path, "domain");
  const fill = async () => {
    await provision(data, address, certificates);
    if (recycleBin) await enableRecycleBin(data);
  };
  await fill();
  const server = controllerProcess(data, url, replicates);
  await server.start();
  const stop = async () => {
    await server.end();
    await folder.remove();
  };
  const restart = async () => {
    await server.end();
    await server.start();
  };
  const replace = async () => {
    await server.end("SIGKILL");
    await rm(data, { recursive: true });
    await fill();
    await server.start();
  };
  const { ca, otherCa } = certificates;
  const place = { address, url, ldapsUrl, ca, otherCa, folder: folder.path };
  const kill = () => server.end("SIGKILL");
  return { ...place, ...sambaAccounts, stop, restart, kill, replace, [Symbol.asyncDispose]: stop };
}

/** What another controller needs: to be found, to speak by remote calls, and to be given the directory. */
const replication = [
  "--option=server services=ldap, cldap, rpc",
  "--option=dcerpc endpoint servers=epmapper, lsarpc, samr, netlogon, drsuapi",
];

/** The server of a controller whose data lie in this folder. */
export function controllerProcess(data: string, url: string, replicates = false): ServerProcess {
  return new ServerProcess({
    name: "samba",
    command: "/usr/sbin/samba",
    // In the foreground and in one process, so that the process we started is the server.
    args: [
      ...["-i", "-M", "single", "-s", join(data, "smb.conf"), "--debug-stdout"],
      ...(replicates ? replication : []),
    ],
    logFile: `${data}.log`,
    stopSignal: "SIGTERM",
    asOurselves: true,
    answers: () => readRootDse(url),
  });
}

async function provision(data: string, address: string, certificates: Certificates): Promise<void> {
  const [host, domainSid] = ["dc1", randomDomainSid()];
  await mkdir(data);
  await run("samba-tool", provisionArguments(data, address, domainSid, host));
  await mkdir(join(data, "cache"), { recursive: true });
  await writeFile(join(data, "smb.conf"), sambaConfig(data, address, certificates, host));
  const ldif = join(data, "setup.ldif");
  await writeFile(ldif, setupLdif(domainSid));
  // Relaxed, since we choose the accounts' SIDs: the delegation names them.
  await run("ldbadd", ["--relax", "-H", join(data, "private", "sam.ldb"), ldif]);
}

/** The feature's id is the same everywhere (MS-ADTS §3.1.1.9.1). Only the system itself may do this on Samba, so not by LDAP. */
async function enableRecycleBin(data: string): Promise<void> {
  const ldif = join(data, "recycle-bin.ldif");
  const partitions = `CN=Partitions,CN=Configuration,${sambaAccounts.suffix}`;
  await writeFile(
    ldif,
    `dn:
changetype: modify
add: enableOptionalFeature
enableOptionalFeature: ${partitions}:766ddcd8-acd0-445e-f3b9-a7f9b6744f2a
`,
  );
  await run("ldbmodify", ["-H", join(data, "private", "sam.ldb"), ldif]);
}

async function readRootDse(url: string): Promise<void> {
  const client = new Client({ url, connectTimeout: 2_000, timeout: 2_000 });
  try {
    await client.search("", { scope: "base", attributes: ["defaultNamingContext"] });
  } finally {
    await client.unbind();
  }
}
