import { z } from "zod";
import { ApiError, type ClusterApi } from "./api.ts";

const name = "rollcall-state";

const configMap = z.object({ data: z.record(z.string(), z.string()).optional() });

/** Which state belongs to each namespace, by its id: ConfigMap `rollcall-state` in the controller's own namespace. Methods throw an `ApiError`. */
export class StateIds {
  readonly #api: Pick<ClusterApi, "request">;
  readonly #path: string;
  /** For people. */
  readonly place: string;

  constructor(api: Pick<ClusterApi, "request">, own: string) {
    this.#api = api;
    this.place = `ConfigMap ${name} in namespace ${own}`;
    this.#path = `/api/v1/namespaces/${own}/configmaps`;
  }

  async read(namespace: string): Promise<string | undefined> {
    try {
      const path = `${this.#path}/${name}`;
      return configMap.parse(await this.#api.request({ method: "GET", path })).data?.[namespace];
    } catch (error) {
      if (hasStatus(error, 404)) return undefined;
      throw error;
    }
  }

  async record(namespace: string, id: string): Promise<void> {
    const data = { [namespace]: id };
    try {
      await this.#patch(data);
    } catch (error) {
      if (!hasStatus(error, 404)) throw error;
      await this.#create(data);
    }
  }

  async #create(data: Readonly<Record<string, string>>): Promise<void> {
    const metadata = { name };
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata, data };
    try {
      await this.#api.request({ method: "POST", path: this.#path, body });
    } catch (error) {
      // Another namespace's was quicker.
      if (!hasStatus(error, 409)) throw error;
      await this.#patch(data);
    }
  }

  async #patch(data: Readonly<Record<string, string>>): Promise<void> {
    await this.#api.request({
      method: "PATCH",
      path: `${this.#path}/${name}`,
      contentType: "application/merge-patch+json",
      body: { data },
    });
  }
}

function hasStatus(error: unknown, status: number): boolean {
  return error instanceof ApiError && error.status === status;
}
