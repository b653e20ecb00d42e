import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

export interface Sample {
  readonly title: string;
  readonly value: { readonly kind: string; readonly metadata?: { readonly name?: string } };
  /** Whether the JSON Schema for editors finds something as well. */
  readonly bySchema: boolean;
  /** What has to be found: the field, and a part of the message. */
  readonly expected: readonly { readonly field: string; readonly part: string }[];
}

/** The objects of `test/kinds/corpus`, which every validator is given. */
export function corpus(folder: "valid" | "invalid"): readonly Sample[] {
  const root = join(import.meta.dirname, "../kinds/corpus", folder);
  const texts = readdirSync(root).flatMap((file) => readFileSync(join(root, file), "utf8").split(/^---$/m));
  return texts.map((text) => {
    const value = parse(text) as Sample["value"];
    return {
      title: `${value.kind}/${value.metadata?.name}`,
      value,
      bySchema: /^# schema$/m.test(text),
      expected: Array.from(text.matchAll(/^# expect: ([^:]*): (.*)$/gm), ([, field, part]) => ({
        field: field!,
        part: part!,
      })),
    };
  });
}
