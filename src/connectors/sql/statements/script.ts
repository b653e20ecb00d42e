import { StoreError } from "../../errors.ts";
import type { Cell } from "../codec.ts";
import type { Session } from "../database.ts";
import type { Column, Dialect } from "../dialect.ts";
import { wrongCount } from "../errors.ts";
import type { StatementsBlock } from "../schema.ts";
import { fillStatement, parseScript } from "./parse.ts";

/** What a script can be told: a cell for each `:parameter`, and the column whose type it has. */
export interface Parameter {
  readonly cell: string | null;
  readonly column: Column | undefined;
}

type Name = keyof StatementsBlock;

/**
 * Runs a script of the manifest. No statement may touch more than one row, and together they must touch one. Tells whether the database
 * said that one was touched: of what a procedure did it says nothing, and one has to look.
 */
export async function runScript(
  session: Session,
  dialect: Dialect,
  block: StatementsBlock,
  name: Name,
  parameters: Readonly<Record<string, Parameter>>,
): Promise<boolean> {
  const source = block[name];
  if (source === undefined) throw new StoreError("Invalid", `the target has no statement for ${name}`);
  const statements = parseScript(source);
  let touched = 0;
  let calls = false;
  for (const statement of statements) {
    const values: Cell[] = [];
    const text = fillStatement(statement, (parameter) => {
      if (!Object.hasOwn(parameters, parameter))
        throw new StoreError("Invalid", `statement ${name} has the unknown parameter :${parameter}`);
      const { cell, column } = parameters[parameter]!;
      values.push(dialect.sent ? dialect.sent(cell, column) : cell);
      return dialect.bare(dialect.placeholder(values.length), column);
    });
    const { count } = await session.query({ text, values, own: true });
    if (!statement.counted) calls = true;
    else if (count > 1) throw wrongCount(count);
    else touched += count;
  }
  if (touched === 0 && !calls) throw wrongCount(0);
  return touched > 0;
}
