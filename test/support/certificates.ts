import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface CaCertificate {
  readonly path: string;
  readonly text: string;
}

export interface KeyPair {
  readonly certificateFile: string;
  readonly keyFile: string;
}

export interface Certificates extends KeyPair {
  /** Signed the server's certificate. */
  readonly ca: CaCertificate;
  /** Signed nothing yet: a client that trusts only this one has to refuse the server. */
  readonly otherCa: CaCertificate;
}

type CaName = "ca" | "other-ca";

const loopback = ["127.0.0.1"];

/** Makes, with openssl, a server certificate for `localhost` and 127.0.0.1 (or these addresses), the CA that signed it, and one that did not. */
export async function makeCertificates(folder: string, addresses = loopback): Promise<Certificates> {
  const [ca, otherCa] = await Promise.all([makeCa(folder, "ca"), makeCa(folder, "other-ca")]);
  return { ca, otherCa, ...(await signServer(folder, "server", "ca", addresses)) };
}

/** Another server certificate for the same names, of the same CA or of the other. */
export function signServer(
  folder: string,
  name: string,
  ca: CaName = "ca",
  addresses = loopback,
): Promise<KeyPair> {
  const names = ["DNS:localhost", ...addresses.map((address) => `IP:${address}`)].join(",");
  return sign(folder, name, "/CN=localhost", `subjectAltName=${names}\n`, ca);
}

/** A certificate by which a client proves, to whoever trusts the folder's CA, that it has this subject: `/O=staff/CN=alice`. */
export function signClient(folder: string, name: string, subject: string): Promise<KeyPair> {
  return sign(folder, name, subject, "extendedKeyUsage=clientAuth\n");
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

async function sign(
  folder: string,
  name: string,
  subject: string,
  extensions: string,
  ca: CaName = "ca",
): Promise<KeyPair> {
  const keyFile = join(folder, `${name}.key`);
  const certificateFile = join(folder, `${name}.crt`);
  const requestFile = join(folder, `${name}.csr`);
  const extensionsFile = join(folder, `${name}.extensions`);
  await writeFile(extensionsFile, extensions);
  await openssl("req", ...newKey, "-subj", subject, "-keyout", keyFile, "-out", requestFile);
  const signer = [
    "-CA",
    join(folder, `${ca}.crt`),
    "-CAkey",
    join(folder, `${ca}.key`),
    "-set_serial",
    serial(),
  ];
  const what = ["-in", requestFile, "-extfile", extensionsFile, "-days", "30", "-out", certificateFile];
  await openssl("x509", "-req", ...signer, ...what);
  return { certificateFile, keyFile };
}

/** Random: a counter in a file is no good to those who sign at the same time. */
function serial(): string {
  return `0x${randomBytes(16).toString("hex")}`;
}

async function makeCa(folder: string, name: CaName): Promise<CaCertificate> {
  const path = join(folder, `${name}.crt`);
  const subject = ["-subj", `/CN=Rollcall test ${name}`, "-days", "30"];
  await openssl("req", "-x509", ...newKey, ...subject, "-keyout", join(folder, `${name}.key`), "-out", path);
  return { path, text: await readFile(path, "utf8") };
}

async function openssl(...args: string[]): Promise<void> {
  await run("openssl", args);
}
