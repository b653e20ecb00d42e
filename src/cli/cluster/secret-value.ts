import { z } from "zod";
import { type Context, UsageError } from "../command.ts";
import { clusterOf } from "./controller-api.ts";
import { namespaceFlag } from "./flags.ts";

const secret = z.object({ data: z.record(z.string(), z.string()).nullish() });

/** What `NAME/KEY` of a Secret holds, read with the rights of who asks. Throws a `UsageError` or an `ApiError`. */
export async function secretValue(context: Context, named: string): Promise<string> {
  const [name = "", key, ...rest] = named.split("/");
  if (name === "" || key === undefined || rest.length > 0)
    throw new UsageError(`--from-secret must be NAME/KEY, as in ada-login/password, not "${named}"`);
  const cluster = await clusterOf(context);
  try {
    const namespace = context.args.text(namespaceFlag) ?? cluster.namespace;
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`;
    const value = secret.parse(await cluster.request({ method: "GET", path })).data?.[key];
    if (value !== undefined)
      return Buffer.from(value, "base64")
        .toString("utf8")
        .replace(/\r?\n$/, "");
    throw new UsageError(`Secret ${name} in namespace ${namespace} has no key ${key}`);
  } finally {
    await cluster.close();
  }
}
