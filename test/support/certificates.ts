import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface CaCertificate {
  readonly path: string;
  readonly text: string;
}

export interface Certificates {
  /** Signed the server's certificate. */
  readonly ca: CaCertificate;
  /** Signed nothing: a client that trusts only this one has to refuse the server. */
  readonly otherCa: CaCertificate;
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** Makes, with openssl, a server certificate for `localhost` and 127.0.0.1, the CA that signed it, and one that did not. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const [ca, otherCa] = await Promise.all([makeCa(folder, "ca"), makeCa(folder, "other-ca")]);
  const keyFile = join(folder, "server.key");
  const certificateFile = join(folder, "server.crt");
  const requestFile = join(folder, "server.csr");
  const namesFile = join(folder, "server.names");
  await writeFile(namesFile, "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  await openssl("req", ...newKey, "-subj", "/CN=localhost", "-keyout", keyFile, "-out", requestFile);
  const signer = ["-CA", ca.path, "-CAkey", join(folder, "ca.key"), "-CAcreateserial"];
  await openssl(
    "x509",
    "-req",
    ...signer,
    "-in",
    requestFile,
    "-extfile",
    namesFile,
    "-days",
    "30",
    "-out",
    certificateFile,
  );
  return { ca, otherCa, certificateFile, keyFile };
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

async function makeCa(folder: string, name: string): Promise<CaCertificate> {
  const path = join(folder, `${name}.crt`);
  const subject = ["-subj", `/CN=Rollcall test ${name}`, "-days", "30"];
  await openssl("req", "-x509", ...newKey, ...subject, "-keyout", join(folder, `${name}.key`), "-out", path);
  return { path, text: await readFile(path, "utf8") };
}

async function openssl(...args: string[]): Promise<void> {
  await run("openssl", args);
}
