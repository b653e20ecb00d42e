import { describe, expect, test } from "vitest";
import { type Command, type Flag, UsageError } from "./command.ts";
import { helpFlag, outputFlag, targetFlag } from "./flags.ts";
import { parseCommandLine } from "./parse.ts";

const yes: Flag = { name: "yes", summary: "" };
const output = outputFlag("table", "json");
const command: Command = {
  ...{ name: "do", summary: "", examples: [], exits: {}, run: async () => 0 },
  operands: { usage: "THIS", least: 1, most: 1 },
  flags: [yes, output, targetFlag],
};

const parse = (...words: string[]) => parseCommandLine(command, words);

describe("a command line", () => {
  test("gives operands and flags in whatever order, short or long, with = or without", () => {
    const args = parse("-o", "json", "it", "--target=a", "--yes", "--target", "b");
    expect(args.operands).toEqual(["it"]);
    expect(args.text(output)).toBe("json");
    expect(args.texts(targetFlag)).toEqual(["a", "b"]);
    expect([args.has(yes), args.has(helpFlag)]).toEqual([true, false]);
  });

  test("ends its flags at --", () => expect(parse("--", "--yes").operands).toEqual(["--yes"]));

  test("may ask for help whatever else is missing", () => expect(parse("-h").has(helpFlag)).toBe(true));

  test.each([
    [["it", "--yse"], 'do has no flag --yse; did you mean "--yes"?'],
    [["it", "-x"], "do has no flag -x"],
    [["it", "-o", "jsno"], 'must be one of table, json, not "jsno"; did you mean "json"?'],
    [["it", "--target"], "--target needs a value: --target NAME"],
    [["it", "--yes=no"], '--yes takes no value: leave out "no"'],
    [[], "do needs THIS"],
    [["it", "more"], 'do does not know what to do with "more"'],
  ])("%j is refused: %s", (words, message) => {
    expect(() => parse(...words)).toThrow(UsageError);
    expect(() => parse(...words)).toThrow(message);
  });
});
