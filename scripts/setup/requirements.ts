import { existsSync, globSync } from "node:fs";

export interface Requirement {
  readonly debianPackage: string;
  readonly purpose: string;
  /** Patterns of files; it is there when any of them matches one. */
  readonly files: readonly string[];
}

export const requirements: readonly Requirement[] = [
  { debianPackage: "slapd", purpose: "OpenLDAP server", files: ["/usr/sbin/slapd"] },
  {
    debianPackage: "ldap-utils",
    purpose: "ldapadd and ldapsearch, to compare with",
    files: programs("ldapsearch"),
  },
  { debianPackage: "389-ds-base", purpose: "389 Directory Server", files: ["/usr/sbin/ns-slapd"] },
  { debianPackage: "postgresql", purpose: "PostgreSQL server", files: ["/usr/lib/postgresql/*/bin/initdb"] },
  { debianPackage: "mariadb-server", purpose: "MariaDB server", files: ["/usr/sbin/mariadbd"] },
  {
    debianPackage: "mariadb-client",
    purpose: "MariaDB's shell, to compare with",
    files: programs("mariadb"),
  },
  { debianPackage: "sqlite3", purpose: "SQLite's shell, to compare with", files: programs("sqlite3") },
  { debianPackage: "samba", purpose: "Active Directory by Samba", files: ["/usr/sbin/samba"] },
  {
    debianPackage: "samba-ad-provision",
    purpose: "new Active Directory domains",
    files: ["/usr/share/samba/setup/provision.ldif"],
  },
  {
    debianPackage: "samba-dsdb-modules",
    purpose: "the domain's database",
    files: ["/usr/lib/*/samba/ldb/samba_dsdb.so"],
  },
  {
    debianPackage: "samba-vfs-modules",
    purpose: "a domain's files, without which none is made",
    files: ["/usr/lib/*/samba/vfs/acl_xattr.so"],
  },
  { debianPackage: "ldb-tools", purpose: "the domain's first entries", files: programs("ldbadd") },
  { debianPackage: "openssl", purpose: "throwaway certificates", files: programs("openssl") },
  {
    debianPackage: "prometheus",
    purpose: "Prometheus and promtool, for metrics and alerts",
    files: programs("promtool"),
  },
  { debianPackage: "git", purpose: "manifest revisions", files: programs("git") },
  { debianPackage: "curl", purpose: "the pipeline samples", files: programs("curl") },
  { debianPackage: "jq", purpose: "the pipeline samples", files: programs("jq") },
  { debianPackage: "lua5.1", purpose: "Argo CD's health check", files: programs("lua5.1") },
  { debianPackage: "g++", purpose: "building odbc's native part", files: programs("g++") },
  { debianPackage: "make", purpose: "building odbc's native part", files: programs("make") },
  { debianPackage: "python3", purpose: "building odbc's native part", files: programs("python3") },
  { debianPackage: "unixodbc-dev", purpose: "ODBC's headers and library", files: ["/usr/include/sql.h"] },
  { debianPackage: "odbc-postgresql", purpose: "ODBC driver for PostgreSQL", files: [driver("psqlodbcw")] },
  { debianPackage: "odbc-mariadb", purpose: "ODBC driver for MariaDB", files: [driver("libmaodbc")] },
  { debianPackage: "libsqliteodbc", purpose: "ODBC driver for SQLite", files: [driver("libsqlite3odbc")] },
];

/** What of these the system does not have, by the names of their Debian packages. */
export function missingPackages(wanted: readonly Requirement[]): string[] {
  return wanted.filter(({ files }) => !files.some(matchesAny)).map(({ debianPackage }) => debianPackage);
}

function matchesAny(pattern: string): boolean {
  return existsSync(pattern) || globSync(pattern).length > 0;
}

function programs(name: string): string[] {
  return ["/usr/local/bin", "/usr/bin", "/bin"].map((folder) => `${folder}/${name}`);
}

function driver(name: string): string {
  return `/usr/lib/*/odbc/${name}.so`;
}
