import type { PasswordDelivery } from "../../core/model/password.ts";
import { ApiError, type ClusterApi } from "./api.ts";
import { retrying } from "./retry.ts";

/** The type of the Secrets that Rollcall writes. Nobody can change a Secret's type, so it proves whose one is. */
const type = "rollcall.dev/password";
const query = { fieldManager: "rollcall-passwords" };

export interface SecretKey {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

/**
 * Writes a password into a Secret of its own: made where there is none, changed where it is one that was made for the same account of the
 * same target. Any other is refused by the API server in the same step, so that no right to read Secrets is needed, and nobody who may write
 * a Target can have another's Secret overwritten. Done twice it does no harm. Throws an `ApiError`, which does not hold the password.
 */
export async function writePasswordSecret(
  api: Pick<ClusterApi, "request">,
  { namespace, name, key }: SecretKey,
  delivery: PasswordDelivery,
  signal: AbortSignal,
): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/secrets`;
  const data = { [key]: Buffer.from(delivery.password).toString("base64") };
  const annotations = marksOf(delivery);
  const labels = { "app.kubernetes.io/managed-by": "rollcall" };
  const body = { apiVersion: "v1", kind: "Secret", metadata: { name, labels, annotations }, type, data };
  const send = (request: Parameters<ClusterApi["request"]>[0]) =>
    retrying(() => api.request({ ...request, query, signal }), { signal, tries: 3 });
  try {
    await send({ method: "POST", path, body });
  } catch (error) {
    if (!hasStatus(error, 409)) throw error;
    await change(send, `${path}/${name}`, { key, annotations, data });
  }
}

interface Content {
  readonly key: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
}

/** RFC 6902: all of it is done, or nothing. */
async function change(
  send: (request: Parameters<ClusterApi["request"]>[0]) => Promise<unknown>,
  path: string,
  { key, annotations, data }: Content,
): Promise<void> {
  const at = (field: string) => `/metadata/annotations/${escaped(field)}`;
  const body = [
    { op: "test", path: "/type", value: type },
    ...[targetMark, identityMark].map((mark) => ({ op: "test", path: at(mark), value: annotations[mark] })),
    { op: "add", path: at(accountMark), value: annotations[accountMark] },
    { op: "add", path: `/data/${escaped(key)}`, value: data[key] },
  ];
  try {
    await send({ method: "PATCH", path, body, contentType: "application/json-patch+json" });
  } catch (error) {
    if (!hasStatus(error, 422)) throw error;
    const what = `${annotations[targetMark]} of ${annotations[identityMark]}`;
    const message = `it was not made by Rollcall for target ${what}: name another, or delete it`;
    throw new ApiError(422, "Foreign", message, { cause: error });
  }
}

const targetMark = "rollcall.dev/target";
const identityMark = "rollcall.dev/identity";
const accountMark = "rollcall.dev/account";

/** Whose password it is. */
function marksOf({ target, identity, account }: PasswordDelivery): Readonly<Record<string, string>> {
  return { [targetMark]: target, [identityMark]: identity, [accountMark]: account };
}

/** RFC 6901 §3. */
function escaped(field: string): string {
  return field.replaceAll("~", "~0").replaceAll("/", "~1");
}

function hasStatus(error: unknown, status: number): boolean {
  return error instanceof ApiError && error.status === status;
}
