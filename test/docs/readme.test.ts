import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Attribute, Change, Client } from "ldapts";
import { expect, test } from "vitest";
import { makeFolder } from "../support/folder.ts";
import { type OpenLdap, startOpenLdap } from "../support/openldap.ts";
import { type Deed, deedsOf } from "./blocks.ts";

const root = join(import.meta.dirname, "../..");
const main = join(root, "src/main.ts");

test("no page has commands but those that are run here", () => {
  const pages = globSync(["*.md", "docs/**/*.md"], { cwd: root });
  const withCommands = pages.filter((page) => readFileSync(join(root, page), "utf8").includes("```console"));
  expect(withCommands.sort()).toEqual(["README.md", "docs/getting-started.md"]);
});

test("a newcomer gets through what docs/getting-started.md says", { timeout: 120_000 }, async () => {
  await using folder = await makeFolder("started");
  await follow("docs/getting-started.md", folder.path, {});
});

test("a newcomer gets through the README's ten minutes on an OpenLDAP that has people already", {
  timeout: 240_000,
}, async () => {
  await using folder = await makeFolder("readme");
  await using server = await startOpenLdap({ ldif: peopleLdif });
  await forgetOurRights(server);
  await mkdir(join(folder.path, "identities"));
  await copyFile(server.ca.path, join(folder.path, "identities/directory-ca.crt"));
  await follow(
    "README.md",
    folder.path,
    {
      "ldap://ldap.example.org": server.url,
      " -W": ` -w ${server.adminPassword}`,
    },
    { LDAPTLS_CACERT: server.ca.path },
  );
});

const committer = {
  GIT_AUTHOR_NAME: "A reader",
  GIT_AUTHOR_EMAIL: "reader@example.org",
  GIT_COMMITTER_NAME: "A reader",
  GIT_COMMITTER_EMAIL: "reader@example.org",
};

/** Does what a page says, with what a reader has of their own in the place of the page's examples. */
async function follow(
  page: string,
  folder: string,
  own: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const mine = (text: string) =>
    Object.entries(own).reduce((all, [example, value]) => all.replaceAll(example, value), text);
  const deeds = deedsOf(await readFile(join(root, page), "utf8"));
  expect(deeds).not.toEqual([]);
  const script: string[] = [preamble];
  const writes = (deed: Extract<Deed, { write: string }>) => join(folder, deed.write);
  for (const [at, deed] of deeds.entries()) {
    if ("write" in deed) {
      const aside = join(folder, `.${at}`);
      await writeFile(aside, mine(deed.text));
      script.push(`mkdir -p '${dirname(writes(deed))}' && mv '${aside}' '${writes(deed)}'`);
    } else script.push(`{ ${mine(deed.command)}\n} 2>&1; printf '\\n@@%s@@' $?`);
  }
  const env = {
    ...process.env,
    ...environment,
    EXAMPLES: join(root, "manifests/examples"),
    XDG_STATE_HOME: folder,
    ...committer,
  };
  const output = await bash(script.join("\n"), folder, env);
  const answers = output.split(/\n@@(\d+)@@/);
  const commands = deeds.filter((deed) => "command" in deed);
  for (const [at, { command, exits, prints }] of commands.entries()) {
    const [shown, code] = [answers[at * 2] ?? "", answers[at * 2 + 1]];
    expect({ command, shown, code }).toMatchObject({ code: String(exits) });
    for (const line of prints) expect({ command, shown, line }).toSatisfy(isShown);
  }
}

/** The command as a reader has it: `apply` asks on a terminal, and the answer is yes; a controller runs until it is stopped, here once it has started. */
const preamble = `
rollcall() {
  case "$1 $*" in
    "controller "*)
      '${process.execPath}' '${main}' "$@" > controller.log 2>&1 &
      until grep -q '"started"' controller.log || ! kill -0 $!; do sleep 0.05; done
      kill -TERM $!; wait $! ;;
    *--yes*) '${process.execPath}' '${main}' "$@" ;;
    "apply "*) echo yes | script -qec "'${process.execPath}' '${main}' $*" /dev/null ;;
    *) '${process.execPath}' '${main}' "$@" ;;
  esac
}`;

function bash(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve) => {
    execFile("bash", ["-c", script], { cwd, env, maxBuffer: 64 * 1024 * 1024 }, (_, stdout) =>
      resolve(stdout),
    );
  });
}

/** Whether the parts of the line between `…` are in one line of what was shown; how many spaces there are does not matter. */
function isShown({ shown, line }: { readonly shown: string; readonly line: string }): boolean {
  const even = (text: string) => text.replaceAll(/\s+/g, " ").trim();
  const parts = line.split("…").map(even);
  return shown.split("\n").some((each) => {
    let rest = even(each);
    return parts.every((part) => {
      const at = rest.indexOf(part);
      rest = rest.slice(at + part.length);
      return at >= 0;
    });
  });
}

/** Takes away what our test server gives to its service account beforehand: the page has to do that. */
async function forgetOurRights(server: OpenLdap): Promise<void> {
  const directory = new Client({ url: server.url });
  await directory.bind(server.adminDn, server.adminPassword);
  await directory.del(server.serviceDn);
  await directory.unbind();
  const config = new Client({ url: server.url });
  await config.bind("cn=admin,cn=config", server.adminPassword);
  const rights = [
    "{0}to attrs=userPassword by self write by anonymous auth by * none",
    "{1}to * by users read by anonymous auth",
  ];
  await config.modify(
    "olcDatabase={1}mdb,cn=config",
    new Change({ operation: "replace", modification: new Attribute({ type: "olcAccess", values: rights }) }),
  );
  await config.unbind();
}

const person = (uid: string, cn: string, sn: string, number: string, department: string) => `
dn: uid=${uid},ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: ${uid}
cn: ${cn}
sn: ${sn}
mail: ${uid}@example.org
employeeNumber: ${number}
departmentNumber: ${department}
`;
const group = (cn: string, ...uids: string[]) => `
dn: cn=${cn},ou=groups,dc=example,dc=org
objectClass: groupOfNames
cn: ${cn}
${uids.map((uid) => `member: uid=${uid},ou=people,dc=example,dc=org`).join("\n")}
`;
const peopleLdif = [
  person("ada", "Ada Lovelace", "Lovelace", "1001", "Research"),
  person("charles", "Charles Babbage", "Babbage", "1002", "Workshop"),
  person("mary", "Mary Somerville", "Somerville", "1003", "Research"),
  group("lab", "ada", "mary"),
  group("staff", "ada", "charles", "mary"),
].join("");
