import { answered } from "../core/tasks/answer.ts";
import type { Controller } from "../engine/controller.ts";
import type { TargetReport } from "../engine/run.ts";
import type { ControlAnswer, ControlRequest, TargetSummary } from "../server/protocol.ts";
import type { State } from "../state/state.ts";

/** Does what other commands ask of a running controller. */
export function controlHandler(
  state: State,
  controller: Controller,
  now: () => number,
): (request: ControlRequest) => Promise<ControlAnswer> {
  return async (request) => {
    switch (request.do) {
      case "remember":
        await state.savePlan({ hash: request.hash, at: now(), items: new Set(request.items) });
        return done([]);
      case "approve": {
        const hold = (await state.holds()).find(({ hash }) => hash === request.hash);
        if (!hold || !(await state.approve(request.hash, request.by, now())))
          return refused(`cannot approve ${request.hash}: no open hold has this hash; see rollcall status`);
        return done(await controller.ask({ targets: new Set([hold.target]), shown: undefined }));
      }
      case "task": {
        const { do: _, ...answer } = request;
        const [task] = await state.tasks({ name: answer.task });
        const next = answered(task, answer, now());
        if (next && "refused" in next) return refused(next.refused);
        return done(await controller.ask({ targets: new Set([answer.target]), shown: undefined, answer }));
      }
      case "password": {
        const { do: _, ...password } = request;
        return done(await controller.ask({ shown: undefined, password }));
      }
      case "apply": {
        const plan = request.plan === undefined ? undefined : await state.plan(request.plan);
        if (request.plan !== undefined && !plan)
          return refused(`cannot apply ${request.plan}: no plan of this hash was shown; plan again`);
        const targets = request.targets && { targets: new Set(request.targets) };
        return done(await controller.ask({ ...targets, shown: plan?.items }));
      }
    }
  };
}

function refused(error: string): ControlAnswer {
  return { ok: false, error };
}

function done(reports: readonly TargetReport[]): ControlAnswer {
  return { ok: true, targets: reports.map(summaryOf) };
}

export function summaryOf({ target, applied, guarded, error }: TargetReport): TargetSummary {
  const kinds = Map.groupBy(guarded.withheld, ({ kind }) => kind);
  return {
    target,
    done: applied?.done.length ?? 0,
    failed: (applied?.failed ?? []).map(({ item, error: cause }) => ({
      operation: item.operation,
      name: item.name,
      error: cause,
    })),
    left: applied?.left.length ?? 0,
    handed: applied?.handed?.length ?? 0,
    withheld: Object.fromEntries([...kinds].map(([kind, all]) => [kind, all.length])),
    ...(error ? { error: error.message } : {}),
  };
}
