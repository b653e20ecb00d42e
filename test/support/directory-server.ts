import type { CaCertificate } from "./certificates.ts";

/** A directory that belongs to a test. */
export interface DirectoryServer extends AsyncDisposable {
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
  /** No access rules, no password quality. */
  readonly adminDn: string;
  readonly adminPassword: string;
  /** The service account: may write people and groups. */
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
