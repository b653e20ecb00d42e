import { StoreError } from "../../connectors/errors.ts";
import { ApiError, type ClusterApi } from "../../resources/kubernetes/api.ts";
import { writePasswordSecret } from "../../resources/kubernetes/password-secrets.ts";
import { isPassing } from "../../resources/kubernetes/retry.ts";
import type { SecretWriter } from "../passwords/desk.ts";

/** Writes the Secrets of a namespace to which passwords are delivered. */
export function secretWriter(api: ClusterApi, namespace: string): SecretWriter {
  return async ({ name, key }, delivery, signal) => {
    try {
      await writePasswordSecret(api, { namespace, name, key }, delivery, signal);
    } catch (error) {
      if (!(error instanceof ApiError) && !signal.aborted) throw error;
      const { message } = error as Error;
      const hint =
        error instanceof ApiError && error.status === 403 ? " (with the chart: secrets.deliver)" : "";
      throw new StoreError(
        isPassing(error) || signal.aborted ? "Unavailable" : "Denied",
        `cannot deliver a password to Secret ${name} in namespace ${namespace}: ${message}${hint}`,
      );
    }
  };
}
