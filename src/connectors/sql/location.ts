import type { ConnectorEnvironment } from "../contract.ts";
import { SqlError } from "./errors.ts";
import type { SqlStore } from "./schema.ts";

/** How a database's URLs look. */
export interface UrlForm {
  readonly scheme: RegExp;
  /** For people, who are told it in the place of an URL that is none. */
  readonly form: string;
  /** The parameter that names a Unix socket. */
  readonly socket?: string;
}

/** Where a database listens, and as whom to log in. */
export interface Location {
  readonly url: URL;
  readonly host: string;
  readonly socket: string | undefined;
  /** A loopback address or a Unix socket: nobody listens in between. */
  readonly local: boolean;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Whether TLS is used; the certificate is then verified, always. */
  readonly tls: boolean;
  /** As an option to be spread: absent where the system's own are trusted. */
  readonly ca: { readonly ca?: string };
}

/** As a Store says. Whether TLS is used is the manifest's to say: what an URL says of it could only weaken it, and is not looked at. */
export async function locate(
  store: SqlStore,
  environment: ConnectorEnvironment,
  { scheme, form, socket: parameter }: UrlForm,
): Promise<Location> {
  const url = parseUrl(await environment.secret(store.url!), scheme, form);
  // An IPv6 address stands in brackets.
  const host = decodeURIComponent(url.hostname.replace(/^\[|\]$/g, ""));
  const socket = parameter === undefined ? undefined : (url.searchParams.get(parameter) ?? undefined);
  const local = isLocal(socket ?? host);
  const usual = local && store.ca === undefined ? "Off" : "Verify";
  return {
    url,
    host,
    socket,
    local,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    tls: (store.tls ?? usual) === "Verify",
    ca: store.ca === undefined ? {} : { ca: await environment.secret(store.ca) },
  };
}

/** Never says what the text was: it holds the password. */
function parseUrl(text: string, scheme: RegExp, form: string): URL {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (url && scheme.test(url.protocol)) return url;
  throw new SqlError("Unauthenticated", "Connection", `the url is not of the form ${form}`);
}

function isLocal(host: string): boolean {
  return (
    host === "" || host.startsWith("/") || host === "localhost" || host === "::1" || /^127[.]/.test(host)
  );
}
