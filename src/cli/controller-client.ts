import { createConnection } from "node:net";
import { createInterface } from "node:readline";
import { type ControlAnswer, type ControlRequest, controlAnswer } from "../server/protocol.ts";
import { controlPlaceOf } from "./place.ts";

/**
 * Asks the controller that holds the state. Undefined where none is running: the command does the work itself. `statePlace` is
 * the state's own word for its place.
 */
export async function askController(
  statePlace: string,
  request: ControlRequest,
): Promise<ControlAnswer | undefined> {
  const socket = createConnection(controlPlaceOf(statePlace));
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ECONNREFUSED") return undefined;
    throw error;
  }
  try {
    socket.write(`${JSON.stringify(request)}\n`);
    for await (const line of createInterface({ input: socket })) return controlAnswer.parse(JSON.parse(line));
    return {
      ok: false,
      error: "the controller stopped before it answered: see rollcall journal for what was done",
    };
  } finally {
    socket.destroy();
  }
}
