import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { commands } from "../../src/cli/commands.ts";
import { parseCommandLine } from "../../src/cli/parse.ts";
import { searchPath } from "../support/environment.ts";
import { type Folder, makeFolder } from "../support/folder.ts";

/** manifests/ci: they parse, what they run is there, and the comment is made once and then updated. */

const samples = join(import.meta.dirname, "../../manifests/ci");

interface GitHub {
  readonly permissions: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, GitHubJob>>;
}
interface GitHubJob {
  readonly permissions: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly name?: string; readonly uses?: string; readonly run?: string }[];
}
type GitLab = Readonly<
  Record<string, Readonly<Record<"before_script" | "script" | "after_script", string[]>>>
>;

const github: GitHub = parse(await readFile(join(samples, "github-actions.yaml"), "utf8"));
const gitlab: GitLab = parse(await readFile(join(samples, "gitlab-ci.yaml"), "utf8"));
const steps = Object.values(github.jobs).flatMap((job) => job.steps);
const scripts = [
  ...[github.env.INSTALL!, github.env.UPDATE_COMMENT!, ...steps.flatMap(({ run }) => run ?? [])],
  ...Object.values(gitlab).flatMap((job) =>
    (["before_script", "script", "after_script"] as const).flatMap((part) => job[part] ?? []),
  ),
];

let folder: Folder;
beforeAll(async () => {
  folder = await makeFolder("ci-samples");
});
afterAll(() => folder.remove());

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

function bash(
  script: string,
  options: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const { promise, resolve } = Promise.withResolvers<Ran>();
  const environment = {
    TMPDIR: folder.path,
    PATH: `${folder.path}/bin:${dirname(process.execPath)}:${searchPath()}`,
    ...env,
  };
  const child = execFile(
    "bash",
    // A socket for its input makes bash think that it serves a remote shell, and read somebody's settings.
    ["--norc", ...options, "-c", script],
    { env: environment, cwd: folder.path },
    (_, stdout, stderr) => resolve({ code: child.exitCode, output: stdout + stderr }),
  );
  return promise;
}

test.each(scripts)("is a script that a shell understands: %#", async (script) => {
  expect(await bash(script, ["-n"])).toEqual({ code: 0, output: "" });
});

describe("every rollcall command in them", () => {
  const lines = scripts.flatMap((script) => [...script.matchAll(/^ *rollcall (\w+) ([^>|]*)/gm)]);

  test("is one: two a sample", () => expect(lines).toHaveLength(4));

  test.each(lines.map(([, name, rest]) => [name!, rest!]))("is a command line: %s %s", (name, rest) => {
    const words = rest.replaceAll('"', "").trim().split(/\s+/);
    const command = commands.find((each) => each.name === name);
    expect(() => parseCommandLine(command!, words)).not.toThrow();
  });
});

describe("the GitHub workflow", () => {
  test("uses GitHub's own actions alone", () =>
    expect(
      steps.flatMap(({ uses }) => uses ?? []).filter((uses) => !/^actions\/\w[\w-]*@v\d+$/.test(uses)),
    ).toEqual([]));

  test("asks for no more rights than each job needs", () => {
    expect(github.permissions).toEqual({});
    const rights = Object.values(github.jobs).map(({ permissions }) => permissions);
    const least = { contents: "read", "pull-requests": "write" };
    expect(rights).toEqual([least, { ...least, "id-token": "write" }]);
  });

  test("takes findings for no failure, and an error for one", async () => {
    const run = github.jobs.access!.steps.find(({ name }) => name === "Plan")!.run!;
    const codes = [];
    for (const code of [0, 1, 2, 3]) {
      await program("rollcall", `echo "### Rollcall"; exit ${code}`);
      const place = { RUNNER_TEMP: folder.path, GITHUB_STEP_SUMMARY: "summary.md", MANIFESTS: "manifests" };
      codes.push((await bash(run, ["-e"], place)).code);
    }
    expect(codes).toEqual([0, 0, 2, 0]);
  });
});

async function program(name: string, script: string): Promise<void> {
  await mkdir(join(folder.path, "bin"), { recursive: true });
  await writeFile(join(folder.path, "bin", name), `#!/bin/bash\n${script}\n`);
  await chmod(join(folder.path, "bin", name), 0o755);
}

describe("a package", () => {
  const hash = createHash("sha256").update("package").digest("hex");
  const installs: [string, string][] = [
    ["GitHub", github.env.INSTALL!],
    ["GitLab", gitlab[".rollcall"]!.before_script[1]!],
  ];

  test.each(installs)(
    "is installed on %s if it is the one that was meant, and not otherwise",
    async (_, script) => {
      await program("curl", 'while [ "$1" != --output ]; do shift; done; printf package > "$2"');
      await program("npm", 'echo "npm $*"');
      const given = { RUNNER_TEMP: folder.path, ROLLCALL_PACKAGE: "https://example.org/p.tgz" };
      const run = (ROLLCALL_SHA256: string) => bash(script, ["-e"], { ...given, ROLLCALL_SHA256 });
      const installed = await run(hash);
      const refused = await run("0".repeat(64));
      await rm(join(folder.path, "bin"), { recursive: true });
      expect([installed.code, installed.output]).toEqual([
        0,
        expect.stringMatching(/^npm install .*rollcall\.tgz\n$/),
      ]);
      expect(refused.code).not.toBe(0);
      expect(refused.output).not.toContain("npm install");
    },
  );
});

const comment = "### Rollcall: 1 gain access, 0 lose access.\n\n<!-- rollcall-access -->\n";

describe("on GitHub the comment", () => {
  const calls = async () => (await readFile(join(folder.path, "calls"), "utf8")).trim().split("\n");
  const update = () =>
    bash(github.env.UPDATE_COMMENT!, ["-euo", "pipefail"], {
      ...{ RUNNER_TEMP: folder.path, GITHUB_REPOSITORY: "acme/people", PULL_REQUEST: "7" },
    });

  beforeEach(async () => {
    await writeFile(join(folder.path, "calls"), "");
    await writeFile(join(folder.path, "comment.md"), comment);
    // gh as it is used: what is listed goes through jq, as gh's own --jq does.
    await program("gh", `echo "$*" >> calls; [ "$2" != --paginate ] || jq -r "$5" listed.json`);
  });
  const listed = (...comments: readonly [id: number, login: string, body: string][]) =>
    writeFile(
      join(folder.path, "listed.json"),
      JSON.stringify(comments.map(([id, login, body]) => ({ id, user: { login }, body }))),
    );

  test("is made where there is none of ours, whoever else wrote what looks like one", async () => {
    await listed([1, "mallory", comment], [2, "github-actions[bot]", "<!-- rollcall-plan -->"]);
    expect(await update()).toEqual({ code: 0, output: "" });
    expect((await calls())[1]).toBe(
      `api --silent --method POST repos/acme/people/issues/7/comments --field body=@${folder.path}/comment.md`,
    );
  });

  test("is updated in place where there is", async () => {
    await listed([1, "ann", "hello"], [5, "github-actions[bot]", comment]);
    expect(await update()).toEqual({ code: 0, output: "" });
    expect((await calls())[1]).toContain("--method PATCH repos/acme/people/issues/comments/5 ");
  });

  test("is left alone where there is no plan", async () => {
    await writeFile(join(folder.path, "comment.md"), "");
    expect(await update()).toEqual({ code: 0, output: "" });
    expect(await calls()).toEqual([""]);
  });
});

describe("on GitLab the comment", () => {
  const asked: string[] = [];
  let server: Server;
  let notes: readonly object[] = [];

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      if (request.headers["private-token"] !== "secret") response.writeHead(401);
      else if (request.method !== "GET")
        asked.push(`${request.method} ${request.url} ${new URLSearchParams(body).get("body")}`);
      response.end(JSON.stringify(request.url === "/user" ? { id: 42 } : notes));
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen(0, "127.0.0.1", resolve);
    await promise;
  });
  afterAll(() => void server.close());
  beforeEach(async () => {
    asked.length = 0;
    await writeFile(join(folder.path, "comment.md"), comment);
  });

  const update = (token: string) =>
    bash(gitlab[".rollcall"]!.after_script[0]!, [], {
      CI_API_V4_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      ...{ CI_MERGE_REQUEST_PROJECT_ID: "3", CI_MERGE_REQUEST_IID: "7", ROLLCALL_GITLAB_TOKEN: token },
    });

  test("is made where there is none of ours", async () => {
    notes = [{ id: 1, body: comment, author: { id: 1 } }];
    expect(await update("secret")).toEqual({ code: 0, output: "" });
    expect(asked).toEqual([`POST /projects/3/merge_requests/7/notes ${comment}`]);
  });

  test("is updated in place where there is", async () => {
    notes = [{ id: 9, body: comment, author: { id: 42 } }];
    expect(await update("secret")).toEqual({ code: 0, output: "" });
    expect(asked).toEqual([`PUT /projects/3/merge_requests/7/notes/9 ${comment}`]);
  });

  test("is left alone without a token, and one that is refused fails loudly", async () => {
    expect(await update("")).toEqual({ code: 0, output: "" });
    expect((await update("wrong")).code).not.toBe(0);
    expect(asked).toEqual([]);
  });
});
