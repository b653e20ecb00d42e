import { copyFileSync } from "node:fs";
import { Attribute, Change, Client } from "ldapts";
import pg from "pg";
import { startOpenLdap } from "../../test/support/openldap.ts";
import { startPostgres } from "../../test/support/postgres.ts";
import { missingPackages, requirements } from "../setup/requirements.ts";
import type { Act, Step } from "./act.ts";
import type { Company } from "./company.ts";

/** A server that the demo starts where it is installed, in a throwaway folder and on a free loopback port. */
interface System {
  readonly name: string;
  /** Debian packages. */
  readonly needs: readonly string[];
  /** Starts it and brings its manifests in. */
  start(company: Company): Promise<Running>;
}

interface Running extends AsyncDisposable {
  readonly target: string;
  /** What somebody does in it past Rollcall. */
  readonly tampering: Step;
  /** Tells the manifests that it is there no longer. */
  suspend(company: Company): void;
}

const systems: readonly System[] = [
  { name: "OpenLDAP", needs: ["slapd", "openssl"], start: startDirectory },
  { name: "PostgreSQL", needs: ["postgresql"], start: startWarehouse },
];

const suspended = (text: string) => text.replace("spec:\n", "spec:\n  suspend: true\n");

/** Those that are installed, and of the others what is missing. */
export function installedSystems(): {
  readonly installed: readonly System[];
  readonly missing: readonly string[];
} {
  const absent = missingPackages(requirements);
  const lacks = ({ needs }: System) => needs.filter((need) => absent.includes(need));
  return {
    installed: systems.filter((system) => lacks(system).length === 0),
    missing: systems.flatMap((system) => {
      const packages = lacks(system);
      return packages.length === 0 ? [] : [`${system.name} (${packages.join(", ")})`];
    }),
  };
}

/** The main job once more, on servers. */
export function serversAct(names: readonly string[], running: readonly Running[]): Act {
  const targets = running.map(({ target }) => `--target ${target}`).join(" ");
  const plan = `rollcall plan -f demo/manifests ${targets}`;
  return {
    title: `The same on ${names.join(" and ")}`,
    says: "Two files more bring in servers that the demo has just started. The commands are the same.",
    steps: [
      { run: "git -C demo/manifests add .", exits: 0 },
      { run: 'git -C demo/manifests commit -qm "Provision the servers"', exits: 0 },
      { run: plan, exits: 1, shows: [/Plan: \d+ creates, \d+ grants\./], head: 12 },
      { run: `rollcall apply -f demo/manifests ${targets} --plan HASH`, exits: 0, shows: ["Applied: "] },
      { run: plan, exits: 0, shows: ["Plan: nothing to do."] },
      ...running.map(({ tampering }) => tampering),
      { run: plan, exits: 1, shows: ["changed by somebody else"] },
      { run: `rollcall apply -f demo/manifests ${targets} --yes`, exits: 0, shows: ["Applied: "] },
      { run: plan, exits: 0, shows: ["Plan: nothing to do."] },
    ],
  };
}

/** What becomes of their targets when the servers are gone. */
export function suspensionAct(running: readonly Running[]): Act {
  return {
    title: "Systems that rest",
    says: "The demo is about to stop its servers. A Store that says `suspend: true` is left alone, and so is everybody's account in it.",
    steps: [
      {
        hand: "suspend: true in the Stores of the servers",
        does: (company) => {
          for (const each of running) each.suspend(company);
        },
      },
      { run: 'git -C demo/manifests commit -qam "The servers rest"', exits: 0 },
      { run: "rollcall plan -f demo/manifests", exits: 0, shows: ["is suspended", "Plan: nothing to do."] },
    ],
  };
}

async function startDirectory(company: Company): Promise<Running> {
  const server = await startOpenLdap();
  copyFileSync(server.ca.path, company.path("stores/openldap-ca.crt"));
  company.environment.OPENLDAP_PASSWORD = server.servicePassword;
  const manifest = (text: string) => text.replace("ldap://127.0.0.1:389", server.url);
  company.add("openldap", "corporate.yaml", manifest);
  const tampering: Step = {
    hand: "in OpenLDAP, an administrator changes Mei Chen's title and takes Yara Nasser out of the group engineers",
    does: async () => {
      const client = new Client({ url: server.url });
      await client.bind(server.adminDn, server.adminPassword);
      const modify = (dn: string, operation: "replace" | "delete", type: string, value: string) =>
        client.modify(dn, new Change({ operation, modification: new Attribute({ type, values: [value] }) }));
      await modify(`uid=mei.chen,${server.peopleDn}`, "replace", "title", "Emperor");
      await modify(
        `cn=engineers,${server.groupsDn}`,
        "delete",
        "member",
        `uid=yara.nasser,${server.peopleDn}`,
      );
      await client.unbind();
    },
  };
  return {
    target: "corporate",
    tampering,
    suspend: (to) => to.add("openldap", "corporate.yaml", (text) => suspended(manifest(text))),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

async function startWarehouse(company: Company): Promise<Running> {
  const server = await startPostgres();
  const connectionString = await server.createDatabase();
  const query = async (sql: string) => {
    const client = new pg.Client({ connectionString });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await query(company.sample("postgres/warehouse.sql"));
  company.environment.WAREHOUSE_DB_URL = connectionString;
  company.add("postgres", "warehouse.yaml", (text) => text);
  const statement = "UPDATE users SET display_name = 'Nobody' WHERE login = 'daniel.osei'";
  return {
    target: "warehouse",
    tampering: { hand: `in PostgreSQL: ${statement}`, does: () => query(statement) },
    suspend: (to) => to.add("postgres", "warehouse.yaml", suspended),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}
