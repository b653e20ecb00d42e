import { expect, test } from "vitest";
import { buildFlags, goPrograms, pinnedVersion } from "./go-programs.ts";

const flagsOf = (name: string) => goPrograms.filter((each) => each.name === name).flatMap(buildFlags);

test("programs are what their go.mod pins", () => {
  const versions = goPrograms.map(({ name, module }) => [name, pinnedVersion(module)]);
  expect(Object.fromEntries(versions)).toEqual({
    etcd: expect.stringMatching(/^v3\.\d+\.\d+$/),
    "kube-apiserver": expect.stringMatching(/^v1\.\d+\.\d+$/),
    "kube-controller-manager": expect.stringMatching(/^v1\.\d+\.\d+$/),
    kubectl: expect.stringMatching(/^v1\.\d+\.\d+$/),
    helm: expect.stringMatching(/^v3\.\d+\.\d+$/),
  });
});

test("is told its version, which clients compare with theirs", () => {
  const version = goPrograms
    .filter(({ name }) => name === "kubectl")
    .map(({ module }) => pinnedVersion(module))[0];
  const [, minor] = /^v1\.(\d+)\./.exec(version ?? "") ?? [];
  const linker = flagsOf("kubectl").at(-1);
  expect(linker).toContain(`-X k8s.io/component-base/version.gitVersion=${version}`);
  expect(linker).toContain(`-X k8s.io/component-base/version.gitMinor=${minor}`);
  expect(flagsOf("helm").at(-1)).toContain(`chartutil.k8sVersionMinor=${minor}`);
});

test("nothing but what go.sum pins goes into it, and no path of this machine", () => {
  for (const program of goPrograms)
    expect(buildFlags(program)).toEqual(expect.arrayContaining(["-mod=readonly", "-trimpath"]));
});
