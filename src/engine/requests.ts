import type { Answer } from "../core/tasks/answer.ts";
import type { TargetReport } from "./run.ts";
import type { PasswordOrder } from "./set-password.ts";

/** What a person may ask of a running controller. */
export interface Ask {
  /** Undefined: all. */
  readonly targets?: ReadonlySet<string>;
  /** Items of a plan that was shown: nothing else is applied. */
  readonly shown: ReadonlySet<string> | undefined;
  /** What somebody says of a task is taken first. */
  readonly answer?: Answer;
  /** Nothing but this password is to be set. */
  readonly password?: PasswordOrder;
}

interface Request {
  readonly ask: Ask;
  /** Does the work, and hands on what comes of it; throws what the work throws. */
  settle(work: () => Promise<readonly TargetReport[]>): Promise<void>;
  /** Tells that it is not done, whatever comes of work that is. */
  refuse(reason: Error): void;
}

/** Requests that wait for their turn. */
export class Requests {
  #refused: Error | undefined;
  #waiting: Request[] = [];

  add(ask: Ask): Promise<readonly TargetReport[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly TargetReport[]>();
    const settle: Request["settle"] = async (work) => {
      try {
        resolve(await work());
      } catch (error) {
        reject(error);
        throw error;
      }
    };
    if (this.#refused) reject(this.#refused);
    this.#waiting.push({ ask, settle, refuse: reject });
    return promise;
  }

  next(): Request | undefined {
    return this.#waiting.shift();
  }

  /** Those that wait, and all that come. */
  refuse(reason: Error): void {
    this.#refused = reason;
    for (const request of this.#waiting.splice(0)) request.refuse(reason);
  }
}
