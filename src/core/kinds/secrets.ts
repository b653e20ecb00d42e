import type { Fault } from "./fault.ts";
import type { AnyResource } from "./resource.ts";

/** Attribute names that hold passwords or keys in the stores we know, without separators. `pwdLastSet` and its like are none. */
const secretName =
  /^(user|auth|unicode|unix|clear|cleartext|plain|nt|lm|samba(nt|lm)|login|account|initial|hashed|encrypted|olcroot)?(password|passwd|passphrase|pwd|pw)(hash)?$|^(krbprincipalkey|userpkcs12|privatekey|secretkey|apikey|dbcspwd|supplementalcredentials)$/;

const privateKey = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/;
/** `scheme://user:password@host` (RFC 3986 §3.2.1). */
const passwordInUrl = /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]+:[^\s/@]+@/i;

/** Secrets that stand where they must not: mapped as attributes, or written out in a value (law 9). */
export function secretsInClear(resource: AnyResource): Fault[] {
  return [...mappedSecrets(resource), ...secretValues(resource.spec, [])];
}

function mappedSecrets(resource: AnyResource): Fault[] {
  const mapped = attributeNames(resource).filter(({ name }) => isSecretName(name));
  return mapped.map(({ path, name }) => ({
    path: [...path, name],
    message: "is a password or key: take it out, passwords are given by spec.passwords of a Target",
  }));
}

function attributeNames({ kind, spec }: AnyResource): { path: (string | number)[]; name: string }[] {
  const keys = (path: (string | number)[], attributes: object | undefined) =>
    Object.keys(attributes ?? {}).map((name) => ({ path, name }));
  if (kind === "Identity") return keys(["attributes"], spec.attributes);
  if (kind === "Target") return keys(["accounts", "attributes"], spec.accounts.attributes);
  if (kind !== "AccessProfile") return [];
  return spec.entitlements.flatMap(({ attributes }, index) =>
    keys(["entitlements", index, "attributes"], attributes),
  );
}

function isSecretName(name: string): boolean {
  return secretName.test(name.replace(/[-_ .]/g, "").toLowerCase());
}

function secretValues(value: unknown, path: readonly (string | number)[]): Fault[] {
  if (typeof value === "string") {
    const found = secretIn(value);
    if (found === undefined) return [];
    return [
      { path, message: `holds ${found} in clear: replace it, and refer to it as { env: … } or { file: … }` },
    ];
  }
  if (value === null || typeof value !== "object") return [];
  if (Array.isArray(value)) return value.flatMap((entry, index) => secretValues(entry, [...path, index]));
  return Object.entries(value).flatMap(([key, member]) => secretValues(member, [...path, key]));
}

function secretIn(text: string): string | undefined {
  if (text.includes("PRIVATE KEY-----") && privateKey.test(text)) return "a private key";
  return text.includes("://") && passwordInUrl.test(text) ? "a password" : undefined;
}
