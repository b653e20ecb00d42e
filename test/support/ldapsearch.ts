import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { environment } from "./environment.ts";

const run = promisify(execFile);

export interface LdapLogin {
  readonly url: string;
  readonly dn: string;
  readonly password: string;
  /** The authority that signed the server's certificate, where the URL is `ldaps:`. */
  readonly caFile?: string;
}

/** An entry as ldapsearch(1) shows it: values by attribute, spelt as the server spells it. */
export interface LdifEntry {
  readonly dn: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

/** What the directory's own tool sees: neither the connector nor its library. */
export async function ldapsearch(
  { url, dn, password, caFile }: LdapLogin,
  base: string,
  filter: string,
  ...attributes: readonly string[]
): Promise<readonly LdifEntry[]> {
  const login = ["-x", "-H", url, "-D", dn, "-w", password];
  const words = [...login, "-LLL", "-o", "ldif-wrap=no", "-b", base, filter, ...attributes];
  const env = { ...environment(), ...(caFile && { LDAPTLS_CACERT: caFile }) };
  const { stdout } = await run("ldapsearch", words, { env, maxBuffer: 64 * 1024 * 1024 });
  return stdout.split(/\n\n+/).flatMap((text) => {
    const lines = text.split("\n").flatMap(valueIn);
    const attributes = Object.groupBy(lines, ({ name }) => name);
    const named = Object.entries(attributes).map(([name, all]) => [name, all!.map(({ value }) => value)]);
    const { dn: [at] = [], ...rest } = Object.fromEntries(named) as Record<string, string[]>;
    return at === undefined ? [] : [{ dn: at, attributes: rest }];
  });
}

/** Whether the directory takes this login; another answer than yes or no is an error. */
export async function letsIn({ url, dn, password, caFile }: LdapLogin): Promise<boolean> {
  const env = { ...environment(), ...(caFile && { LDAPTLS_CACERT: caFile }) };
  try {
    // Not ldapwhoami, which Active Directory does not know.
    const words = ["-x", "-H", url, "-D", dn, "-w", password, "-LLL", "-b", "", "-s", "base", "1.1"];
    await run("ldapsearch", words, { env });
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 49) return false;
    throw error;
  }
}

/** One line of LDIF (RFC 2849); comments and referrals are nothing. */
function valueIn(line: string): { name: string; value: string }[] {
  const [, name, coded, value = ""] = /^([^#:\s][^:]*):(:?) ?(.*)$/.exec(line) ?? [];
  if (name === undefined || name === "ref") return [];
  return [{ name, value: coded === ":" ? Buffer.from(value, "base64").toString() : value }];
}
