import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ServerProcess } from "../server-process.ts";
import { waitFor } from "../wait.ts";
import type { Cluster } from "./cluster.ts";

const main = new URL("../../../src/main.ts", import.meta.url).pathname;

const deployment = z.object({
  metadata: z.object({ generation: z.int() }),
  spec: z.object({
    template: z.object({
      spec: z.object({
        serviceAccountName: z.string(),
        containers: z.tuple([
          z.object({
            args: z.array(z.string()),
            env: z.array(z.object({ name: z.string(), value: z.string() })),
            volumeMounts: z.array(z.object({ mountPath: z.string() })),
            ports: z.array(z.object({ name: z.string(), containerPort: z.int() })),
            readinessProbe: z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) }),
          }),
        ]),
      }),
    }),
  }),
});

export interface DeploymentToRun {
  readonly namespace: string;
  readonly name: string;
  /** Where the container's volumes are. */
  readonly folder: string;
  /** The container's ports, and the loopback ports of this machine that stand for them. */
  readonly ports: ReadonlyMap<number, number>;
}

/**
 * The part of a node, of which our clusters have none: waits for a Deployment, runs its container here by the arguments, the environment, the
 * ServiceAccount and the readiness probe that the Deployment itself has, and says in its status that it runs. Only folders of volumes and ports
 * are others, and the image is this checkout.
 */
export async function runDeployment(cluster: Cluster, wanted: DeploymentToRun): Promise<ServerProcess> {
  const { namespace, name, folder, ports } = wanted;
  const { metadata, spec } = await waitFor(() => deployed(cluster, wanted), {
    what: `${name} is deployed`,
    // Each look is a kubectl of its own, beside the reader's, who installs it meanwhile.
    ...{ timeout: 180_000, every: 500 },
  });
  const { serviceAccountName, containers } = spec.template.spec;
  const [{ args, env, volumeMounts, ports: named, readinessProbe }] = containers;
  const volumes = volumeMounts.map(({ mountPath }) => ({ mountPath, place: join(folder, mountPath) }));
  for (const { place } of volumes) await mkdir(place, { recursive: true });
  const here = (text: string) => placed(volumes, onOurPorts(ports, text));
  const kubeconfig = await cluster.serviceAccountKubeconfig(namespace, serviceAccountName);
  const probed = named.find((port) => port.name === readinessProbe.httpGet.port)?.containerPort ?? 0;
  const container = new ServerProcess({
    name,
    command: "env",
    args: [
      ...env.map((variable) => `${variable.name}=${here(variable.value)}`),
      ...[process.execPath, main, ...args.map(here), "--kubeconfig", kubeconfig],
    ],
    logFile: join(folder, `${name}.log`),
    stopSignal: "SIGTERM",
    asOurselves: true,
    answers: () => ready(`http://127.0.0.1:${ports.get(probed)}${readinessProbe.httpGet.path}`),
  });
  await container.start();
  await sayItRuns(cluster, wanted, metadata.generation);
  return container;
}

async function deployed(cluster: Cluster, { namespace, name }: DeploymentToRun) {
  const { code, stdout } = await cluster.kubectl(["get", "deployment", name, "-n", namespace, "-o", "json"]);
  return code === 0 ? deployment.parse(JSON.parse(stdout)) : undefined;
}

function placed(volumes: readonly { readonly mountPath: string; readonly place: string }[], text: string) {
  const volume = volumes.find(({ mountPath }) => text === mountPath || text.includes(`=${mountPath}/`));
  return volume ? text.replace(volume.mountPath, volume.place) : text;
}

function onOurPorts(ports: ReadonlyMap<number, number>, text: string): string {
  return text.replace(
    /(?:0\.0\.0\.0|127\.0\.0\.1):(\d+)/,
    (_, port) => `127.0.0.1:${ports.get(Number(port))}`,
  );
}

async function ready(url: string): Promise<void> {
  const { ok, status } = await fetch(url);
  if (!ok) throw new Error(`${url} answers ${status}`);
}

async function sayItRuns(cluster: Cluster, { namespace, name }: DeploymentToRun, observedGeneration: number) {
  const counts = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
  const patch = JSON.stringify({ status: { observedGeneration, ...counts } });
  const words = ["patch", "deployment", name, "-n", namespace, "--subresource=status", "--type=merge"];
  const { code, stderr } = await cluster.kubectl([...words, "-p", patch]);
  if (code !== 0) throw new Error(`cannot say that ${name} runs: ${stderr}`);
}
