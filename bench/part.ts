import { boundHeap } from "../src/cli/heap.ts";
import { parts } from "./benchmarks.ts";

// The process of one part: its name and `quick` or `full` are given, its result goes to the parent, or to stdout.
const [name, size] = process.argv.slice(2);
const part = parts.find((each) => each.name === name);
if (!part) throw new Error(`there is no ${name}: name one of ${parts.map((each) => each.name).join(", ")}`);
boundHeap();
const result = await part.run(size === "quick");
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);
