import { hostname } from "node:os";
import type { ExportDesk } from "../../engine/exports/desk.ts";
import type { Stores } from "../../engine/stores.ts";
import type { ClusterApi } from "../../resources/kubernetes/api.ts";
import type { ClusterSource } from "../../resources/kubernetes/cluster-resources.ts";
import { watchCluster } from "../../resources/kubernetes/cluster-source.ts";
import { openCluster } from "../../resources/kubernetes/open-cluster.ts";
import { Publisher } from "../../resources/kubernetes/publisher.ts";
import { measuredApi } from "../../server/measured-api.ts";
import { isDatabaseUrl } from "../../state/open.ts";
import type { State } from "../../state/state.ts";
import { type Context, UsageError } from "../command.ts";
import type { ControllerSetting } from "../controller-setting.ts";
import { exportDesk } from "../exports/file.ts";
import { odbcDriverFlag } from "../flags.ts";
import { notebookOf } from "../notebook.ts";
import { namedRootOf } from "../place.ts";
import { type StoreAccess, storesOf } from "../stores.ts";
import * as flags from "./flags.ts";
import { secretWriter } from "./password-secrets.ts";
import { statePlaces } from "./state-place.ts";

/** One process of a release: what it has from its start to its end, whether it leads or not. */
export interface Replica {
  readonly api: ClusterApi;
  readonly source: ClusterSource;
  readonly publisher: Publisher;
  /** Where its Lease is. */
  readonly controllerNamespace: string;
  /** Who it is: no other process ever has this name. */
  readonly instance: string;
  /** Where a namespace's state is. */
  readonly placeOf: (namespace: string) => string;
  /** Whether the states are where other replicas get at them, too. */
  readonly sharesState: boolean;
  /** The stores of a namespace whose state this is. */
  stores(namespace: string, state: State, tell?: StoreAccess["tell"]): Stores;
  /** Where the files of Exports go. */
  readonly desk: ExportDesk;
  close(): Promise<void>;
}

/** Connects to the cluster, and begins to watch it. */
export async function openReplica({ context, log, metrics, stop }: ControllerSetting): Promise<Replica> {
  const { args, environment, newId, connectors } = context;
  const [kubeconfig, contextName] = [args.text(flags.kubeconfigFlag), args.text(flags.contextFlag)];
  const placeOf = statePlaces(context);
  const root = namedRootOf(context);
  const cluster = await openCluster({
    environment,
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(contextName !== undefined && { context: contextName }),
  });
  const api = measuredApi(cluster, (sample) => metrics.count(sample));
  const selector = args.text(flags.selectorFlag);
  const namespaces = namespacesOf(context, api);
  const closed = new AbortController();
  const source = watchCluster({
    ...{ api, connectors },
    ...(namespaces && { namespaces }),
    signal: AbortSignal.any([stop, closed.signal]),
    ...(selector !== undefined && { selector }),
    // That a watch is cut happens every day; that it cannot be opened again does not.
    onTrouble: (error, failures) =>
      log[failures === 1 ? "debug" : "warn"]({ error: (error as Error).message }, "cannot watch the cluster"),
  });
  const publisher = new Publisher(api, {
    instance: hostname(),
    newId,
    refused: (error) =>
      log.warn({ error: error.message }, "the API server does not take a status or an Event"),
  });
  return {
    ...{ api, source, publisher, placeOf },
    desk: exportDesk(root, newId),
    controllerNamespace: args.text(flags.ownNamespaceFlag) ?? api.namespace,
    instance: `${hostname()}_${newId()}`,
    sharesState: isDatabaseUrl(placeOf("default")),
    stores: (namespace, state, tell) =>
      storesOf({
        ...{ connectors, environment, root },
        odbcDrivers: args.texts(odbcDriverFlag),
        secret: (reference, store) => source.resources(namespace).secret(reference, store),
        writeSecret: secretWriter(api, namespace),
        notebook: (store) => notebookOf(state, store),
        ...(tell && { tell }),
      }),
    async close() {
      closed.abort();
      publisher.close();
      await api.close();
    },
  };
}

/** Undefined: all. */
function namespacesOf({ args }: Context, api: ClusterApi): readonly string[] | undefined {
  const named = args.texts(flags.namespaceFlag);
  if (!args.has(flags.allNamespacesFlag)) return named.length > 0 ? [...new Set(named)] : [api.namespace];
  if (named.length > 0)
    throw new UsageError("--all-namespaces and --namespace exclude each other: give one of them");
  return undefined;
}
