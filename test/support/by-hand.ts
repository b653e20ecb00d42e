import type { Answer } from "../../src/core/tasks/answer.ts";
import { isLive, type Task, type TaskEvent } from "../../src/core/tasks/task.ts";
import type { TargetReport } from "../../src/engine/run.ts";
import { answerTask } from "../../src/engine/tasks/answer.ts";
import { taskDocument } from "../../src/report/task.ts";
import type { JournalEntry } from "../../src/state/state.ts";
import { company } from "./company.ts";
import { say } from "./told.ts";
import { World } from "./world.ts";

/** A company whose directory people keep by hand. */
export class ByHand extends World {
  static with(target: Record<string, unknown> = {}): ByHand {
    const world = new ByHand();
    world.put(...company({ tasks: { owner: "records" }, ...target }));
    return world;
  }

  /** Runs once, and says what became of tasks: `Opened ann`. */
  async look(options: Parameters<World["apply"]>[0] = {}): Promise<readonly string[]> {
    return eventsOf(await this.apply(options)).toSorted();
  }

  /** The live tasks, in words: `ann Open: create; grant lab`. */
  async open(): Promise<readonly string[]> {
    return (await (await this.state()).tasks()).map(taskSummary);
  }

  /** The closed ones, in the same words. */
  async closed(): Promise<readonly string[]> {
    const tasks = await (await this.state()).tasks({ all: true });
    return tasks.filter((task) => !isLive(task)).map(taskSummary);
  }

  /** The name of the identity's only live task. */
  async taskOf(identity: string): Promise<string> {
    const state = await this.state();
    const [task, ...others] = (await state.tasks()).filter((each) => each.identity === identity);
    if (!task || others.length > 0) throw new Error(`${identity} has ${task ? "several" : "no"} tasks`);
    return task.name;
  }

  /** Answers the identity's only live task. */
  async answer(identity: string, outcome: Answer["outcome"], reason?: string): Promise<void> {
    await this.say({ task: await this.taskOf(identity), outcome, reason });
  }

  /** Throws where it is refused. */
  async say(said: Partial<Answer> & Pick<Answer, "task">): Promise<void> {
    const answer: Answer = { target: "people", outcome: "Completed", by: "maria", ...said };
    const refused = await answerTask(await this.state(), answer, this.now);
    if (refused !== undefined) throw new Error(refused);
  }

  /** What the journal has, in order of its words: `Create Done`. */
  async told(): Promise<readonly string[]> {
    return (await this.journal()).map(({ operation, result }) => `${operation} ${result}`).toSorted();
  }

  async journal(): Promise<readonly JournalEntry[]> {
    return (await Array.fromAsync((await this.state()).journal({}))).flat();
  }
}

export function eventsOf(reports: readonly TargetReport[]): readonly string[] {
  return reports.flatMap(({ tasks }) => tasks.events.map(eventText));
}

function taskSummary(task: Task): string {
  const { identity, account, phase, what } = taskDocument(task, 0);
  return `${identity || account} ${phase}: ${what}`;
}

function eventText({ kind, task }: TaskEvent): string {
  return `${kind} ${task.identity || task.account}`;
}

/** What a run handed over: `Create ann`. */
export function handedBy(reports: readonly TargetReport[]): readonly string[] {
  return reports.flatMap(({ applied }) => (applied?.handed ?? []).map(say));
}
