import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../src/connectors/wrap/clock.ts";
import { Controller } from "../src/engine/controller.ts";
import { makeFolder } from "../test/support/folder.ts";
import { startOpenLdap } from "../test/support/openldap.ts";
import { identityYaml, type Person, people, personFile, writeCompany } from "./company.ts";
import { attributeOf, directoryPolicies } from "./directory.ts";
import type { Figure } from "./figure.ts";
import { openSession } from "./session.ts";
import { median, percentile } from "./spread.ts";

/** From a manifest's save to its account's change, with the controller's own loop and a folder of one file each. */
export async function save(size: number, saves: number): Promise<Figure[]> {
  await using server = await startOpenLdap();
  await using folder = await makeFolder("bench");
  const manifests = join(folder.path, "manifests");
  const everyone = people(size);
  await writeCompany(manifests, directoryPolicies(server), everyone, "OneFile");
  const session = await openSession(folder.path, { LDAP_PASSWORD: server.servicePassword });
  const stop = new AbortController();
  const controller = new Controller({
    ...session,
    clock: systemClock,
    load: async () => ({ ...(await session.load()), complete: { ok: true } }),
    random: Math.random,
    stop: stop.signal,
    tell: () => {},
  });
  await session.resources.watch(() => controller.manifestsChanged(), stop.signal);
  let changes = 0;
  let changed = () => {};
  session.onChange = () => {
    changes += 1;
    changed();
  };
  const until = (count: number) =>
    new Promise<void>((resolve) => {
      changed = () => changes >= count && resolve();
      changed();
    });
  const running = controller.run();
  await until(size);
  while (controller.waiting > 0 || (controller.unseen?.length ?? 1) > 0) await pause(100);
  await pause(1000);
  const times: number[] = [];
  for (let turn = 0; turn < saves; turn++) {
    const one: Person = { ...everyone[(turn * 7919) % size]!, title: `Title ${turn}` };
    const start = performance.now();
    await writeFile(personFile(manifests, one), identityYaml(one));
    await until(size + turn + 1);
    times.push(performance.now() - start);
    await pause(50 + Math.random() * 100);
  }
  const last = ((saves - 1) * 7919) % size;
  if ((await attributeOf(server, last, "title")) !== `Title ${saves - 1}`)
    throw new Error("the last save got lost");
  stop.abort();
  await running;
  await session.close();
  const what = `Manifest saved to account changed, among ${size} files`;
  const note = `${saves} saves; 50 ms of it is waiting for the files to hold still`;
  return [
    { what: `${what}, p50`, value: median(times), unit: "ms", note },
    { what: `${what}, p99`, value: percentile(times, 0.99), unit: "ms", goal: 250 },
  ];
}

function pause(milliseconds: number): Promise<void> {
  return systemClock.sleep(milliseconds, new AbortController().signal);
}
