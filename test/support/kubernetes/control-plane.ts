import { readFile } from "node:fs/promises";
import { get } from "node:https";
import { join } from "node:path";
import { type Certificates, type KeyPair, signClient } from "../certificates.ts";
import { freePort } from "../free-port.ts";
import { ServerProcess } from "../server-process.ts";
import { binary } from "./binaries.ts";

/** Starts nothing yet. Commits reach the operating system, not the disk: a killed etcd loses nothing, and is quick. */
export async function etcd(
  folder: string,
): Promise<{ readonly server: ServerProcess; readonly url: string }> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const peers = "http://127.0.0.1:0";
  const server = new ServerProcess({
    name: "etcd",
    command: binary("etcd"),
    args: [
      `--data-dir=${join(folder, "etcd")}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peers}`,
      "--unsafe-no-fsync",
      "--log-level=warn",
    ],
    logFile: join(folder, "etcd.log"),
    stopSignal: "SIGTERM",
    asOurselves: true,
    answers: async () => {
      if (!(await fetch(`${url}/health`)).ok) throw new Error("etcd is not healthy yet");
    },
  });
  return { server, url };
}

export interface ApiServer {
  readonly server: ServerProcess;
  readonly url: string;
  readonly admin: KeyPair;
}

/** An API server as envtest has it, with RBAC; it issues ServiceAccount tokens, and believes client certificates of the folder's CA. */
export async function apiServer(
  folder: string,
  etcdUrl: string,
  certificates: Certificates,
): Promise<ApiServer> {
  const port = await freePort();
  const url = `https://127.0.0.1:${port}`;
  const admin = await signClient(folder, "admin", "/O=system:masters/CN=admin");
  const serviceAccountKeys = await signClient(folder, "service-accounts", "/CN=service-accounts");
  const who = {
    ca: certificates.ca.text,
    cert: await readFile(admin.certificateFile),
    key: await readFile(admin.keyFile),
  };
  const server = new ServerProcess({
    name: "kube-apiserver",
    command: binary("kube-apiserver"),
    args: [
      `--etcd-servers=${etcdUrl}`,
      "--bind-address=127.0.0.1",
      "--advertise-address=127.0.0.1",
      `--secure-port=${port}`,
      `--cert-dir=${folder}`,
      `--tls-cert-file=${certificates.certificateFile}`,
      `--tls-private-key-file=${certificates.keyFile}`,
      `--client-ca-file=${certificates.ca.path}`,
      "--authorization-mode=RBAC",
      "--service-cluster-ip-range=10.0.0.0/24",
      "--endpoint-reconciler-type=none",
      // There is no kubelet that needs its admission, and no controller that makes the accounts it asks for.
      "--disable-admission-plugins=ServiceAccount",
      // Told to end, it would wait a minute for watches that are open.
      "--shutdown-watch-termination-grace-period=1s",
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${serviceAccountKeys.certificateFile}`,
      `--service-account-signing-key-file=${serviceAccountKeys.keyFile}`,
    ],
    logFile: join(folder, "kube-apiserver.log"),
    stopSignal: "SIGTERM",
    asOurselves: true,
    answers: async () => {
      for (const path of ["/readyz", "/api/v1/namespaces/default"]) await expectOk(url + path, who);
    },
  });
  return { server, url, admin };
}

/**
 * The part of kube-controller-manager without which namespaces never terminate, owned objects are never collected, ClusterRoles are not
 * aggregated, and nobody checks the types of admission policies.
 */
export async function controllerManager(folder: string, kubeconfig: string): Promise<ServerProcess> {
  const port = await freePort();
  const controllers = [
    "namespace-controller",
    "garbage-collector-controller",
    "clusterrole-aggregation-controller",
    "validatingadmissionpolicy-status-controller",
  ];
  return new ServerProcess({
    name: "kube-controller-manager",
    command: binary("kube-controller-manager"),
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--authentication-kubeconfig=${kubeconfig}`,
      `--authorization-kubeconfig=${kubeconfig}`,
      `--controllers=${controllers.join(",")}`,
      "--leader-elect=false",
      "--bind-address=127.0.0.1",
      `--secure-port=${port}`,
      `--cert-dir=${folder}`,
    ],
    logFile: join(folder, "kube-controller-manager.log"),
    stopSignal: "SIGTERM",
    asOurselves: true,
    // Its certificate is one that it made itself.
    answers: () => expectOk(`https://127.0.0.1:${port}/healthz`, { rejectUnauthorized: false }),
  });
}

function expectOk(url: string, options: object): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: 5_000, ...options }, (response) => {
      response.resume();
      if (response.statusCode === 200) resolve();
      else reject(new Error(`${url} answers ${response.statusCode}`));
    });
    request.on("timeout", () => request.destroy(new Error(`${url} does not answer`)));
    request.on("error", reject);
  });
}
