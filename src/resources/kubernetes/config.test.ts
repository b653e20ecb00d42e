import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Folder, makeFolder } from "../../../test/support/folder.ts";
import { findConfig, inPod } from "./config.ts";
import { Credentials } from "./credentials.ts";

let folder: Folder;
const at = (name: string) => join(folder.path, name);

beforeAll(async () => {
  folder = await makeFolder();
  await writeFile(at("one"), kubeconfig("one", { token: "1" }));
  await writeFile(at("two"), kubeconfig("two", { token: "2" }));
});

afterAll(() => folder?.remove());

describe("a cluster is found", () => {
  test("in the file that is named, before all others", () => {
    const environment = { KUBECONFIG: at("two"), KUBERNETES_SERVICE_HOST: "10.0.0.1" };
    const config = findConfig({ kubeconfig: at("one"), environment }).load();
    expect(config.getCurrentCluster()?.server).toBe("https://one.example.org");
  });

  test("in the files of KUBECONFIG, of which the first says what is current", () => {
    const environment = { KUBECONFIG: `${at("two")}:${at("one")}` };
    expect(findConfig({ environment }).load().getCurrentContext()).toBe("two");
    const config = findConfig({ context: "one", environment }).load();
    expect(config.getCurrentUser()?.token).toBe("1");
  });

  test("by the pod's own account, in a pod", async () => {
    for (const [name, text] of [
      ["token", "projected\n"],
      ["namespace", "rollcall-system"],
      ["ca.crt", "authority"],
    ] as const) {
      await writeFile(at(name), text);
    }
    const environment = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "6443" };
    const config = inPod(environment, folder.path).load();
    expect(config.getCurrentCluster()?.server).toBe("https://[fd00::1]:6443");
    expect(config.getContextObject("in-cluster")?.namespace).toBe("rollcall-system");
    const { headers } = await new Credentials(inPod(environment, folder.path)).access();
    expect(headers.authorization).toBe("Bearer projected");
  });
});

describe("what is wrong is said with the cure:", () => {
  test("nothing names a cluster", () => {
    expect(() => findConfig({ environment: {} })).toThrow(
      "cannot find a cluster: name a file by --kubeconfig",
    );
  });

  test("the file is missing", () => {
    const { load } = findConfig({ kubeconfig: at("missing"), environment: {} });
    expect(load).toThrow(`cannot read the kubeconfig ${at("missing")}: ENOENT`);
  });

  test("the context is not there", () => {
    const { load } = findConfig({ kubeconfig: at("one"), context: "prod", environment: {} });
    expect(load).toThrow(`cannot use context "prod" of ${at("one")}: name one by --context (it has one)`);
  });

  test("the pod has no account", () => {
    const { load } = inPod({ KUBERNETES_SERVICE_HOST: "10.0.0.1" }, at("nowhere"));
    expect(load).toThrow("give the pod a ServiceAccount whose token is mounted");
  });

  test("a plugin fails", async () => {
    const command = {
      apiVersion: "client.authentication.k8s.io/v1",
      command: "sh",
      args: ["-c", "echo no >&2; exit 1"],
    };
    await writeFile(at("broken"), kubeconfig("broken", { exec: command }));
    const credentials = new Credentials(findConfig({ kubeconfig: at("broken"), environment: {} }));
    await expect(credentials.access()).rejects.toThrow("no");
  });
});

test("a plugin is asked once for what all requests use, and again when that is refused", async () => {
  const script = `echo x >> ${at("asked")}; printf '{"status":{"token":"%s"}}' "$(wc -l < ${at("asked")} | tr -d ' ')"`;
  const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "sh", args: ["-c", script] };
  await writeFile(at("plugin"), kubeconfig("plugin", { exec }));
  const credentials = new Credentials(findConfig({ kubeconfig: at("plugin"), environment: {} }));
  const [first, same] = await Promise.all([credentials.access(), credentials.access()]);
  expect([first.headers.authorization, same]).toEqual(["Bearer 1", first]);
  credentials.renew(first);
  credentials.renew(first);
  const second = await credentials.access();
  expect([second.headers.authorization, second.dispatcher]).toEqual(["Bearer 2", first.dispatcher]);
});

test("another authority makes another connection, and the same one keeps it", async () => {
  const cluster = (ca: string) => ({ "certificate-authority-data": Buffer.from(ca).toString("base64") });
  await writeFile(at("rotating"), kubeconfig("rotating", {}, cluster("old")));
  const credentials = new Credentials(findConfig({ kubeconfig: at("rotating"), environment: {} }));
  const first = await credentials.access();
  credentials.renew(first);
  const same = await credentials.access();
  await writeFile(at("rotating"), kubeconfig("rotating", {}, cluster("new")));
  credentials.renew(same);
  const other = await credentials.access();
  expect([same.dispatcher === first.dispatcher, other.dispatcher === first.dispatcher]).toEqual([
    true,
    false,
  ]);
});

function kubeconfig(name: string, user: object, cluster: object = {}): string {
  return JSON.stringify({
    clusters: [{ name, cluster: { server: `https://${name}.example.org`, ...cluster } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  });
}
