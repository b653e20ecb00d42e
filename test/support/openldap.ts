import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "ldapts";
import { type Certificates, makeCertificates } from "./certificates.ts";
import type { DirectoryServer } from "./directory-server.ts";
import { makeFolder } from "./folder.ts";
import { freePort } from "./free-port.ts";
import { baseLdif, configLdif, type OpenLdapOptions, openLdapAccounts } from "./openldap-ldif.ts";
import { giveToServers, runUnprivileged, ServerProcess } from "./server-process.ts";

/** The rootdn's peer for cn=config is `cn=admin,cn=config`, same password. */
export type OpenLdap = DirectoryServer;

/** Starts a slapd with mdb, memberof, refint, ppolicy and syncprov, in a throwaway folder, on free loopback ports. */
export async function startOpenLdap(options: OpenLdapOptions = {}): Promise<OpenLdap> {
  const folder = await makeFolder("openldap");
  const [port, tlsPort] = [await freePort(), await freePort()];
  const [url, ldapsUrl] = [`ldap://127.0.0.1:${port}`, `ldaps://127.0.0.1:${tlsPort}`];
  const certificates = await makeCertificates(folder.path);
  await load(folder.path, certificates, options);
  const server = new ServerProcess({
    name: "slapd",
    command: slapd,
    // -d 0 keeps it in the foreground, so that the process we started is the server.
    args: ["-d", "0", "-F", join(folder.path, "slapd.d"), "-h", `${url} ${ldapsUrl}`],
    logFile: join(folder.path, "slapd.log"),
    stopSignal: "SIGTERM",
    answers: () => readRootDse(url),
  });
  await server.start();
  const stop = async () => {
    await server.end();
    await folder.remove();
  };
  const restart = async () => {
    await server.end();
    await server.start();
  };
  const { ca, otherCa } = certificates;
  const place = { url, ldapsUrl, port, ca, otherCa, folder: folder.path };
  const kill = () => server.end("SIGKILL");
  return { ...place, ...openLdapAccounts, stop, restart, kill, [Symbol.asyncDispose]: stop };
}

const slapd = "/usr/sbin/slapd";

async function load(folder: string, certificates: Certificates, options: OpenLdapOptions): Promise<void> {
  for (const name of ["slapd.d", "data"]) {
    await mkdir(join(folder, name));
    await giveToServers(join(folder, name));
  }
  await giveToServers(certificates.keyFile);
  await chmod(certificates.keyFile, 0o600);
  const configFile = join(folder, "config.ldif");
  const entriesFile = join(folder, "entries.ldif");
  await writeFile(configFile, configLdif(folder, certificates, options));
  await writeFile(entriesFile, `${baseLdif}\n${options.ldif ?? ""}`);
  const slapadd = (...args: string[]) =>
    runUnprivileged(slapd, ["-T", "add", "-F", join(folder, "slapd.d"), ...args]);
  await slapadd("-n", "0", "-l", configFile);
  await slapadd("-n", "1", "-w", "-l", entriesFile);
}

async function readRootDse(url: string): Promise<void> {
  const client = new Client({ url, connectTimeout: 2_000, timeout: 2_000 });
  try {
    await client.search("", { scope: "base", attributes: ["namingContexts"] });
  } finally {
    await client.unbind();
  }
}
