import { appendFileSync, cpSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { goPrograms, type ProgramName } from "./go-programs.ts";
import { cacheFolder, programPath } from "./program-path.ts";

const named = (name: ProgramName) => goPrograms.filter((each) => each.name === name)[0]!;
const folder = () => mkdtempSync(join(tmpdir(), "assets-"));
const home = { HOME: "/home/me" };

test.each([
  ["the one it is told", { ...home, ROLLCALL_CACHE: "/big/disk", XDG_CACHE_HOME: "/cache" }, "/big/disk"],
  ["the user's own", { ...home, XDG_CACHE_HOME: "/cache" }, "/cache/rollcall"],
  ["the usual one", home, "/home/me/.cache/rollcall"],
  [
    "the usual one, where the user's own is not an absolute path",
    { ...home, XDG_CACHE_HOME: "cache" },
    "/home/me/.cache/rollcall",
  ],
])("the cache is %s", (_, environment, expected) => {
  expect(cacheFolder(environment)).toBe(expected);
});

test("programs of one module lie together, those of another elsewhere", () => {
  const places = goPrograms.map((program) => join(programPath(program, home), ".."));
  expect(places[1]).toMatch(/^\/home\/me\/\.cache\/rollcall\/bin\/[0-9a-f]{16}$/);
  expect(new Set(places.slice(1, 4)).size).toBe(1);
  expect(new Set(places).size).toBe(3);
});

test("a program that is pinned otherwise lies elsewhere", () => {
  const etcd = named("etcd");
  const copy = { ...etcd, module: { ...etcd.module, folder: folder() } };
  cpSync(etcd.module.folder, copy.module.folder, { recursive: true });
  expect(programPath(copy, home)).toBe(programPath(etcd, home));
  appendFileSync(join(copy.module.folder, "go.sum"), "example.org/x v1.0.0 h1:AAAA\n");
  expect(programPath(copy, home)).not.toBe(programPath(etcd, home));
});

test("what envtest has is taken from there, the rest is built", () => {
  const assets = folder();
  for (const name of ["etcd", "kube-apiserver", "kubectl"]) writeFileSync(join(assets, name), "");
  const environment = { ...home, KUBEBUILDER_ASSETS: assets };
  expect(programPath(named("kubectl"), environment)).toBe(join(assets, "kubectl"));
  expect(programPath(named("helm"), environment)).toBe(programPath(named("helm"), home));
});

test("assets that lack one of the three are not mixed with what is built", () => {
  const assets = folder();
  writeFileSync(join(assets, "kubectl"), "");
  const environment = { ...home, KUBEBUILDER_ASSETS: assets };
  expect(programPath(named("kubectl"), environment)).toBe(programPath(named("kubectl"), home));
});
