import { z } from "zod";
import { apiVersion, plurals } from "../../core/kinds/kinds.ts";
import { type TaskOutcome, taskSpec } from "../../core/kinds/provisioning-task.ts";
import { statusSchemas, type TaskObjectStatus } from "../../core/kinds/status.ts";
import { isOverdue, type TaskRow, tasksText } from "../../report/task.ts";
import { plain } from "../../report/words.ts";
import type { ClusterApi } from "../../resources/kubernetes/api.ts";
import { type Context, exitCode } from "../command.ts";
import { ownName } from "./approve-remote.ts";
import { clusterOf } from "./controller-api.ts";
import { namespaceFlag } from "./flags.ts";

/** What somebody wants of the tasks of a namespace. */
export type Wish =
  | { readonly what: "list"; readonly isWanted: (task: RemoteTask) => boolean }
  | { readonly what: "show"; readonly choose: Choose }
  | { readonly what: "answer"; readonly choose: Choose; readonly said: Said };

type Choose = (tasks: readonly RemoteTask[]) => RemoteTask;

interface Said {
  readonly outcome: TaskOutcome;
  readonly reason: string | undefined;
}

/** A task as its object tells of it. */
export interface RemoteTask extends TaskRow {
  readonly status: TaskObjectStatus;
}

/** Shows the tasks of a namespace, or says what became of one, in the user's own name. */
export async function tasksInCluster(context: Context, wish: Wish): Promise<number> {
  const { args, terminal } = context;
  const cluster = await clusterOf(context);
  try {
    const namespace = args.text(namespaceFlag) ?? cluster.namespace;
    const path = `/apis/${apiVersion}/namespaces/${encodeURIComponent(namespace)}/${plurals.ProvisioningTask}`;
    const tasks = tasksIn(await cluster.request({ method: "GET", path }), context.now());
    if (wish.what === "list") await terminal.print(tasksText(tasks.filter(wish.isWanted)));
    else {
      const task = wish.choose(tasks);
      if (wish.what === "show") await terminal.print(taskText(task));
      else {
        await say(context, cluster, `${path}/${task.name}`, task, wish.said);
        terminal.note(`What becomes of it: kubectl get ptask ${task.name} -n ${namespace}`);
      }
    }
    return exitCode.done;
  } finally {
    await cluster.close();
  }
}

async function say(
  { terminal }: Context,
  cluster: ClusterApi,
  path: string,
  { name }: RemoteTask,
  { outcome, reason }: Said,
): Promise<void> {
  const by = await ownName(cluster);
  await cluster.request({
    method: "PATCH",
    path,
    contentType: "application/merge-patch+json",
    // A reason of what was said before does not stay beside it.
    body: { spec: { outcome, by, reason: reason ?? null } },
  });
  await terminal.print(`Task ${name} is ${outcome.toLowerCase()} by ${plain(by)}.\n`);
}

const objects = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      spec: taskSpec,
      // A status that is not as this program knows it tells nothing.
      status: statusSchemas.ProvisioningTask.optional().catch(undefined),
    }),
  ),
});

function tasksIn(answer: unknown, now: number): readonly RemoteTask[] {
  return objects.parse(answer).items.map(({ metadata, spec, status = {} }) => {
    const { account = "", what = "", owner = "", due = "", phase = "Open" } = status;
    const overdue = due !== "" && isOverdue({ phase, due: Date.parse(due) }, now);
    const { name } = metadata;
    return { name, target: spec.target.name, account, what, owner, due, phase, overdue, status };
  });
}

function taskText({ name, target, account, owner, due, phase, overdue, status }: RemoteTask): string {
  const { identity, opened, items = 0, changes = [], conditions = [] } = status;
  const message = conditions.find(({ type }) => type === "Ready")?.message;
  return `${[
    `Task ${name}: ${phase}${overdue ? ", overdue" : ""}${message === undefined ? "" : ` (${plain(message)})`}`,
    `  ${plain(account)}${identity === undefined || identity === account ? "" : ` (${plain(identity)})`} in target ${target}, for ${plain(owner)}`,
    `  opened ${opened}, due ${due}`,
    ...changes.map((change) => `  ${plain(change)}`),
    ...(items > changes.length ? [`  … and ${items - changes.length} more`] : []),
  ].join("\n")}\n`;
}
