import { z } from "zod";
import { apiVersion } from "../../core/kinds/kinds.ts";
import { type HoldStatus, statusSchemas } from "../../core/kinds/status.ts";
import { plain, plural } from "../../report/words.ts";
import type { ClusterApi } from "../../resources/kubernetes/api.ts";
import { type Context, exitCode } from "../command.ts";
import { clusterOf } from "./controller-api.ts";
import { namespaceFlag } from "./flags.ts";

/** A hold as the status of its Target shows it. */
export type ShownHold = HoldStatus & { readonly target: string };

export interface Approving {
  /** Absent: the holds are shown, and none is approved. */
  readonly choose?: (holds: readonly ShownHold[]) => ShownHold;
  readonly reason: string | undefined;
}

/** Shows the holds of a namespace's Targets, or approves the one that `choose` picks, by an Approval in the user's own name. */
export async function approveInCluster(context: Context, { choose, reason }: Approving): Promise<number> {
  const { args, terminal } = context;
  const cluster = await clusterOf(context);
  try {
    const namespace = args.text(namespaceFlag) ?? cluster.namespace;
    const path = `/apis/${apiVersion}/namespaces/${encodeURIComponent(namespace)}`;
    const holds = holdsOf(await cluster.request({ method: "GET", path: `${path}/targets` }), context.now());
    if (!choose) {
      await terminal.print(listText(holds));
      return exitCode.done;
    }
    const { target, hash, items } = choose(holds);
    const approver = await ownName(cluster);
    const made = named.parse(
      await cluster.request({
        method: "POST",
        path: `${path}/approvals`,
        body: {
          ...{ apiVersion, kind: "Approval" },
          metadata: { generateName: `approve-${hash.slice(0, 12)}-`, namespace },
          spec: { hold: { target, hash }, approver, ...(reason !== undefined && { reason }) },
        },
      }),
    );
    const what = `${plural(items, "change")} of target ${target}`;
    await terminal.print(
      `${plain(approver)} approved ${what}: the controller makes them, where each still stands as it was held.\n`,
    );
    terminal.note(`What becomes of it: kubectl get approval ${made.metadata.name} -n ${namespace}`);
    return exitCode.done;
  } finally {
    await cluster.close();
  }
}

const named = z.object({ metadata: z.object({ name: z.string() }) });
const targets = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      // A status that is not as this program knows it holds nothing that it could approve.
      status: statusSchemas.Target.pick({ holds: true }).optional().catch(undefined),
    }),
  ),
});

function holdsOf(answer: unknown, now: number): readonly ShownHold[] {
  return targets
    .parse(answer)
    .items.flatMap(({ metadata, status }) =>
      (status?.holds ?? []).map((hold) => ({ ...hold, target: metadata.name })),
    )
    .filter(({ expires }) => Date.parse(expires) > now);
}

const review = z.object({ status: z.object({ userInfo: z.object({ username: z.string().min(1) }) }) });

/** As the API server knows the user, which is what it compares with the name that somebody gives as their own. */
export async function ownName(cluster: ClusterApi): Promise<string> {
  const apiVersion = "authentication.k8s.io/v1";
  const answer = await cluster.request({
    method: "POST",
    path: `/apis/${apiVersion}/selfsubjectreviews`,
    body: { apiVersion, kind: "SelfSubjectReview" },
  });
  return review.parse(answer).status.userInfo.username;
}

function listText(holds: readonly ShownHold[]): string {
  if (holds.length === 0) return "Nothing is held by a limit.\n";
  return holds
    .map(({ hash, target, reason, items, changes = [], expires, approvedBy }) =>
      [
        `Hold ${hash}`,
        `  target ${target}, expires ${expires}`,
        `  ${plain(reason)}`,
        ...(approvedBy === undefined ? [] : [`  approved by ${plain(approvedBy)}`]),
        ...changes.map((change) => `    ${plain(change)}`),
        ...(items > changes.length ? [`    … and ${items - changes.length} more`] : []),
        "",
      ].join("\n"),
    )
    .join("\n");
}
