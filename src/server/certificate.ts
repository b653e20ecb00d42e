import { readFileSync, unwatchFile, watchFile } from "node:fs";
import type { Server } from "node:https";

/** Paths of PEM files. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** Milliseconds between two looks at the files. */
const lookEvery = 5_000;

/** Throws, with what to do about it, where a file cannot be read. */
export function readCertificate({ cert, key }: CertificateFiles): { cert: Buffer; key: Buffer } {
  const read = (path: string) => {
    try {
      return readFileSync(path);
    } catch (error) {
      throw new Error(
        `cannot read the certificate's file ${path}: ${(error as NodeJS.ErrnoException).code}; put it there, readable by Rollcall`,
      );
    }
  };
  return { cert: read(cert), key: read(key) };
}

/**
 * Gives new connections the certificate that the files hold now, until the function that is returned is called. They are looked at rather than watched: a Secret's
 * files are links that are turned as a whole. While certificate and key do not fit together, the last that did stay.
 */
export function followCertificate(
  files: CertificateFiles,
  server: Server,
  failed: (error: Error) => void,
): () => void {
  const paths = [files.cert, files.key];
  const reload = () => {
    try {
      server.setSecureContext(readCertificate(files));
    } catch (error) {
      failed(error as Error);
    }
  };
  for (const path of paths) watchFile(path, { interval: lookEvery, persistent: false }, reload);
  return () => {
    for (const path of paths) unwatchFile(path, reload);
  };
}
