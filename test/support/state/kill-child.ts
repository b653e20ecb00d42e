import { openState } from "../../../src/state/open.ts";
import { batch, entry, holding, link } from "./samples.ts";

/** Run as a process of its own: writes batches to the state at argv[2] without end, saying each one's number before and after. */
const state = await openState(process.argv[2]!, { realm: "default", mode: "write" });
for (let number = Number(process.argv[3]); ; number += 1) {
  const id = `b${number}`;
  const people = Array.from({ length: 50 }, (_, index) => `${id}-${index}`);
  process.stdout.write(`begin ${number}\n`);
  await state.begin(batch(id, { at: number, counts: { Creates: people.length } }));
  process.stdout.write(`begun ${number}\n`);
  await state.finish({
    batch: id,
    links: people.map((identity) => link(identity)),
    holdings: people.map((identity) => holding(identity, "lab")),
    journal: people.map((identity) => entry(identity, { at: number })),
  });
  process.stdout.write(`finished ${number}\n`);
}
