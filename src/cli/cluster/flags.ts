import type { Flag } from "../command.ts";

/** Flags of commands that speak to a cluster; they mean what they mean to kubectl. */

export const kubeconfigFlag: Flag = {
  name: "kubeconfig",
  value: "FILE",
  summary: "how to reach the cluster (default: $KUBECONFIG, ~/.kube/config, or the pod's own service account)",
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
