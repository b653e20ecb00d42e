import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { Client } from "ldapts";
import { type Certificates, makeCertificates } from "./certificates.ts";
import type { DirectoryServer } from "./directory-server.ts";
import {
  configurationOf,
  type Ds389Options,
  type Ds389Place,
  ds389Accounts,
  entriesOf,
} from "./ds389-ldif.ts";
import { makeFolder } from "./folder.ts";
import { freePort } from "./free-port.ts";
import { giveToServers, runUnprivileged, ServerProcess, serverUser } from "./server-process.ts";

const run = promisify(execFile);
const nsSlapd = "/usr/sbin/ns-slapd";
const packaged = "/usr/share/dirsrv";

/**
 * Starts a 389 Directory Server with USN, MemberOf and referential integrity, in a throwaway folder, on free loopback ports. `dscreate`
 * would take 20 s, the network and the system's own folders: here its template is filled by hand, which starts in 2.
 */
export async function startDs389(options: Ds389Options = {}): Promise<DirectoryServer> {
  const folder = await makeFolder("ds389");
  const [port, tlsPort] = [await freePort(), await freePort()];
  const certificates = await makeCertificates(folder.path);
  const config = configFolder(folder.path);
  const place = { folder: folder.path, config, port, tlsPort, user: serverUser() };
  await configure(place, certificates, options);
  await load(place, entriesOf(options));
  const url = `ldap://127.0.0.1:${port}`;
  const server = new ServerProcess({
    name: "ns-slapd",
    command: nsSlapd,
    // -d 0 keeps it in the foreground, so that the process we started is the server.
    args: ["-d", "0", "-D", config, "-i", join(folder.path, "run", "pid")],
    logFile: join(folder.path, "ns-slapd.log"),
    stopSignal: "SIGTERM",
    answers: () => readRootDse(url),
  });
  await server.start();
  const stop = async () => {
    // In good order it takes 2 s, for data that nobody will read again.
    await server.end("SIGKILL");
    await rm(`/dev/shm/sem.${basename(config)}.stats`, { force: true });
    await folder.remove();
  };
  const restart = async () => {
    await server.end();
    await server.start();
  };
  const { ca, otherCa } = certificates;
  const addresses = { url, ldapsUrl: `ldaps://127.0.0.1:${tlsPort}`, port, ca, otherCa, folder: folder.path };
  const kill = () => server.end("SIGKILL");
  return { ...addresses, ...ds389Accounts, stop, restart, kill, [Symbol.asyncDispose]: stop };
}

/** Makes these all that a stopped server holds: another directory, with entries of other ids. */
export async function load({ folder }: { readonly folder: string }, ldif: string): Promise<void> {
  const file = join(folder, "run", "entries.ldif");
  await writeFile(file, ldif);
  await giveToServers(file);
  await runUnprivileged(nsSlapd, ["ldif2db", "-D", configFolder(folder), "-n", "userroot", "-i", file]);
}

async function configure(
  place: Ds389Place,
  certificates: Certificates,
  options: Ds389Options,
): Promise<void> {
  const { folder, config } = place;
  await mkdir(config);
  await cp(join(packaged, "schema"), join(config, "schema"), { recursive: true });
  await writeFile(join(config, "schema", "99user.ldif"), "dn: cn=schema\n");
  // Without a collation beyond the schema's own.
  await writeFile(join(config, "slapd-collations.conf"), "");
  const template = await readFile(join(packaged, "data", "template-dse.ldif"), "utf8");
  await writeFile(join(config, "dse.ldif"), configurationOf(template, place, options));
  await keepCertificate(config, certificates);
  for (const name of ["data", "run", "log"]) await mkdir(join(folder, name));
  const own = (await readdir(config, { recursive: true })).map((name) => join(config, name));
  for (const path of [config, ...own]) await giveToServers(path);
  for (const name of ["data", "run", "log"]) await giveToServers(join(folder, name));
}

/** Named like no other's: it shares a semaphore with whatever server has a folder of the same name, under any user. */
function configFolder(folder: string): string {
  return join(folder, `slapd-${basename(folder)}`);
}

/** It reads its key from a database of NSS's alone. */
async function keepCertificate(config: string, { certificateFile, keyFile }: Certificates): Promise<void> {
  const bundle = join(config, "server.p12");
  const pair = ["-inkey", keyFile, "-in", certificateFile, "-name", "Server-Cert"];
  await run("openssl", ["pkcs12", "-export", ...pair, "-out", bundle, "-passout", "pass:"]);
  await run("certutil", ["-N", "-d", config, "--empty-password"]);
  await run("pk12util", ["-i", bundle, "-d", config, "-W", "", "-K", ""]);
}

async function readRootDse(url: string): Promise<void> {
  const client = new Client({ url, connectTimeout: 2_000, timeout: 2_000 });
  try {
    await client.search("", { scope: "base", attributes: ["namingContexts"] });
  } finally {
    await client.unbind();
  }
}
