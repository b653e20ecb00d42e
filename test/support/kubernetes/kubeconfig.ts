import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** How somebody proves to the API server who they are. */
export type Credentials =
  | { readonly token: string }
  /** Read again and again by clients, as a projected ServiceAccount token is: write a new one to rotate it. */
  | { readonly tokenFile: string }
  | { readonly certificateFile: string; readonly keyFile: string };

export interface KubeconfigContext {
  readonly url: string;
  readonly caFile: string;
  readonly credentials: Credentials;
  /** Default: `default`. */
  readonly namespace?: string;
}

/** Writes a kubeconfig of one context, `test`, into the folder; its path. */
export async function writeKubeconfig(folder: string, context: KubeconfigContext): Promise<string> {
  const path = join(folder, `${randomUUID()}.kubeconfig`);
  const { url, caFile, credentials, namespace = "default" } = context;
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server: url, "certificate-authority": caFile } }],
    users: [{ name: "test", user: user(credentials) }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test", namespace } }],
    "current-context": "test",
  };
  await writeFile(path, JSON.stringify(kubeconfig, undefined, 2));
  return path;
}

function user(credentials: Credentials): Record<string, string> {
  if ("token" in credentials) return { token: credentials.token };
  if ("tokenFile" in credentials) return { tokenFile: credentials.tokenFile };
  return { "client-certificate": credentials.certificateFile, "client-key": credentials.keyFile };
}
