import type { Flag } from "../command.ts";

/** Flags of commands that speak to a cluster; they mean what they mean to kubectl. */

export const kubeconfigFlag: Flag = {
  name: "kubeconfig",
  value: "FILE",
  summary:
    "how to reach the cluster (default: $KUBECONFIG, ~/.kube/config, or the pod's own service account)",
};

export const contextFlag: Flag = {
  name: "context",
  value: "NAME",
  summary: "the context of the kubeconfig (default: its current one)",
};

export const namespaceFlag: Flag = {
  name: "namespace",
  short: "n",
  value: "NAME",
  repeatable: true,
  summary: "the namespace of the objects (default: the context's, or the pod's)",
};

export const allNamespacesFlag: Flag = {
  name: "all-namespaces",
  short: "A",
  summary: "every namespace that has objects, each an organisation of its own",
};

export const controllerNamespaceFlag: Flag = {
  name: "controller-namespace",
  value: "NAME",
  summary: "the namespace that the controller runs in, where its Lease is (default: rollcall-system)",
};

/** Flags of the controller alone. */

export const ownNamespaceFlag: Flag = {
  ...controllerNamespaceFlag,
  summary:
    "where the replicas' Lease and the record of the states are (default: the pod's own namespace, or the context's)",
};

export const selectorFlag: Flag = {
  name: "selector",
  short: "l",
  value: "LABELS",
  summary: "only objects with these labels, as in team=platform; others count as not there",
};

export const apiListenFlag: Flag = {
  name: "api-listen",
  value: "HOST:PORT",
  summary: "where plan, status, explain and journal are answered (default: 127.0.0.1:9465)",
};

export const apiCertFlag: Flag = {
  name: "api-cert",
  value: "FILE",
  summary: "the certificate of --api-listen, in PEM: needed beyond the loopback address",
};

export const apiKeyFlag: Flag = { name: "api-key", value: "FILE", summary: "the key of --api-cert, in PEM" };
