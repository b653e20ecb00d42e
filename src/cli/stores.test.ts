import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { type Folder, makeFolder } from "../../test/support/folder.ts";
import type { ConnectorEnvironment, ConnectorType } from "../connectors/contract.ts";
import { memoryConnector } from "../connectors/memory/memory.ts";
import { manifestParser } from "../core/kinds/parse.ts";
import type { Resource } from "../core/kinds/resource.ts";
import { storesOf } from "./stores.ts";

let folder: Folder;
let root: string;

beforeEach(async () => {
  folder = await makeFolder("stores");
  root = join(folder.path, "root");
  await mkdir(root);
});

afterEach(() => folder.remove());

/** What a connector is given when it connects. */
function environmentOf(variables: Record<string, string> = {}): ConnectorEnvironment {
  let given: ConnectorEnvironment | undefined;
  const memory = memoryConnector() as ConnectorType;
  const spy: ConnectorType = {
    ...memory,
    connect(block, environment) {
      given = environment;
      return memory.connect(block, environment);
    },
  };
  storesOf({ connectors: [spy], environment: variables, root }).connect(store());
  return given!;
}

function store(): Resource<"Store"> {
  return resource("Store", { memory: {} }) as Resource<"Store">;
}

function resource(kind: string, spec: unknown): Resource {
  const parser = manifestParser([memoryConnector() as ConnectorType]);
  const document = { apiVersion: "rollcall.dev/v1alpha1", kind, metadata: { name: "x" }, spec };
  return parser.parse(document, "digest").resource!;
}

describe("a credential", () => {
  test("is read from the environment, or from a file below the root without its last line break", async () => {
    await writeFile(join(root, "password"), "secret\n");
    const environment = environmentOf({ PASSWORD: "other" });
    expect(await environment.secret({ env: "PASSWORD" })).toBe("other");
    expect(await environment.secret({ file: "password" })).toBe("secret");
  });

  test.each([
    ["an empty variable", { env: "MISSING" }, "set MISSING"],
    ["a file that is not there", { file: "missing" }, "ENOENT"],
    [
      "a Secret, without a cluster",
      { secretKeyRef: { name: "corp", key: "password" } },
      "use { file: … } or { env: … }",
    ],
  ])("that is %s is refused with the cure", async (_, reference, cure) => {
    await expect(environmentOf().secret(reference)).rejects.toMatchObject({
      kind: "Unauthenticated",
      message: expect.stringContaining(cure),
    });
  });
});

describe("a file of a manifest", () => {
  test("lies below the root, whether it exists yet or not", () => {
    expect(environmentOf().path("data/new.csv")).toBe(join(root, "data/new.csv"));
    expect(environmentOf().path(join(root, "a.csv"))).toBe(join(root, "a.csv"));
  });

  test.each(["../outside.csv", "/etc/passwd", "link/outside.csv"])(
    "is refused outside of it: %s",
    async (path) => {
      await symlink(folder.path, join(root, "link"));
      expect(() => environmentOf().path(path)).toThrow(/outside .* --root/);
    },
  );
});

test("a target that lacks what its connector must know is refused by name", () => {
  const needy: ConnectorType = {
    ...(memoryConnector() as ConnectorType),
    targetSchema: z.object({ key: z.string() }) as ConnectorType["targetSchema"],
  };
  const target = resource("Target", {
    store: { name: "x" },
    mode: "Enforce",
    accounts: { name: { expression: "identity.userName" } },
  }) as Resource<"Target">;
  const stores = storesOf({ connectors: [needy], environment: {}, root });
  expect(() => stores.target(stores.connect(store()), store(), target)).toThrow(
    /Target\/x needs a block memory: memory\.key/,
  );
});
