import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "ldapts";
import { type CaCertificate, type Certificates, makeCertificates } from "./certificates.ts";
import { makeFolder } from "./folder.ts";
import { freePort } from "./free-port.ts";
import { baseLdif, configLdif, type OpenLdapOptions, openLdapAccounts } from "./openldap-ldif.ts";
import { giveToServers, runUnprivileged, ServerProcess } from "./server-process.ts";

export interface OpenLdap extends AsyncDisposable {
  /** `ldap://127.0.0.1:…`, which also offers StartTLS. */
  readonly url: string;
  readonly ldapsUrl: string;
  readonly port: number;
  readonly ca: CaCertificate;
  /** A CA that did not sign the server's certificate. */
  readonly otherCa: CaCertificate;
  readonly suffix: string;
  readonly peopleDn: string;
  readonly groupsDn: string;
  /** The rootdn: no access rules, no password quality. Its peer for cn=config is `cn=admin,cn=config`, same password. */
  readonly adminDn: string;
  readonly adminPassword: string;
  /** The service account: may write below the suffix. */
  readonly serviceDn: string;
  readonly servicePassword: string;
  /** May read and not write. */
  readonly readerDn: string;
  readonly readerPassword: string;
  readonly folder: string;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
  /** Comes back on the same ports with the same data, after `kill` too. */
  restart(): Promise<void>;
  /** SIGKILL, data stay. */
  kill(): Promise<void>;
}

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
