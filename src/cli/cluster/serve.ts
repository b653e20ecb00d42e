import { serveApi } from "../../server/api.ts";
import { clusterReviewer } from "../../server/authorise.ts";
import type { CertificateFiles } from "../../server/certificate.ts";
import { serveHttp } from "../../server/http.ts";
import { openState } from "../../state/open.ts";
import { addressOf } from "../address.ts";
import { type Context, UsageError } from "../command.ts";
import type { ControllerSetting } from "../controller-setting.ts";
import * as flags from "./flags.ts";
import type { ReadTenant } from "./looking.ts";
import { readHandlers } from "./read-handlers.ts";
import type { Replica } from "./replica.ts";
import type { Tenants } from "./tenants.ts";

export interface Serving {
  /** Of health and metrics. */
  readonly url: string;
  /** Of the read API. */
  readonly apiUrl: string;
  close(): Promise<void>;
}

/** Serves health and metrics, and the read API: who stands by answers it as well. */
export async function serveReplica(
  setting: ControllerSetting,
  replica: Replica,
  tenants: Tenants,
): Promise<Serving> {
  const { context, log, metrics, address } = setting;
  const { args, now, newId } = context;
  const certificate = certificateOf(context);
  const http = await serveHttp(address, {
    notReady: () => waitsFor(replica, tenants),
    metrics: () => metrics.scrape(),
    metricsType: metrics.contentType,
  });
  try {
    const api = await serveApi({
      listen: addressOf(args.text(flags.apiListenFlag) ?? "127.0.0.1:9465", flags.apiListenFlag.name),
      ...(certificate && { certificate }),
      reviewer: clusterReviewer(replica.api),
      handlers: readHandlers({ tenant: (namespace) => readTenant(context, replica, namespace), now, newId }),
      now: () => performance.now(),
      failed: (error) => log.error({ error: error.stack ?? error.message }, "the read API failed"),
    });
    const close = async () => {
      await api.close();
      await http.close();
    };
    return { url: http.url, apiUrl: api.url, close };
  } catch (error) {
    await http.close();
    throw error;
  }
}

function waitsFor({ source }: Replica, { failing }: Tenants): string | undefined {
  if (!source.synced()) return "the cluster's objects have not been read yet";
  const refused = source.refused();
  if (refused !== undefined) return refused;
  const [first] = failing;
  return first && `namespace ${first[0]}: ${first[1]}`;
}

function readTenant({ connectors }: Context, replica: Replica, namespace: string): ReadTenant | undefined {
  const { source, placeOf, stores } = replica;
  if (!source.namespaces().includes(namespace)) return undefined;
  return {
    read: (signal) => source.resources(namespace).read(signal),
    openState: () => openState(placeOf(namespace), { realm: namespace, mode: "read" }),
    stores: (state) => stores(namespace, state),
    connectors,
  };
}

function certificateOf({ args }: Context): CertificateFiles | undefined {
  const [cert, key] = [args.text(flags.apiCertFlag), args.text(flags.apiKeyFlag)];
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert === undefined && key === undefined) return undefined;
  throw new UsageError("--api-cert and --api-key go together: give both");
}
