/** Shows the main job on a company that is made up: `npm run demo`. Leaves ./demo to look at. */
import { join } from "node:path";
import { acts, closingActs } from "./demo/acts.ts";
import { Company } from "./demo/company.ts";
import { installedSystems, serversAct, suspensionAct } from "./demo/servers.ts";
import { Stage } from "./demo/stage.ts";

const company = new Company(join(process.cwd(), "demo"));
const stage = new Stage(company);

try {
  company.found();
  stage.open();
  for (const act of acts) await stage.play(act);
  await playServers();
  for (const act of closingActs) await stage.play(act);
  stage.close();
} catch (error) {
  console.error(`\ndemo: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

async function playServers(): Promise<void> {
  const { installed, missing } = installedSystems();
  if (missing.length > 0) {
    stage.say(
      `\nNot installed, and left out: ${missing.join("; ")}. Where it is installed, the demo goes on with it here.`,
    );
  }
  await using servers = new AsyncDisposableStack();
  const running = [];
  for (const system of installed) running.push(servers.use(await system.start(company)));
  if (running.length === 0) return;
  await stage.play(
    serversAct(
      installed.map(({ name }) => name),
      running,
    ),
  );
  await stage.play(suspensionAct(running));
}
