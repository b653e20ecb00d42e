import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { combinedSchema } from "../../scripts/generate/editor-schema.ts";
import { connectors } from "../../src/connectors/registry.ts";
import { checkResources } from "../../src/core/kinds/check.ts";
import { kinds } from "../../src/core/kinds/kinds.ts";
import { manifestParser } from "../../src/core/kinds/parse.ts";
import { taskKind } from "../../src/core/kinds/provisioning-task.ts";
import { corpus } from "../support/corpus.ts";

const parser = manifestParser(connectors);
const schema = new Ajv({ strict: false, validateFormats: false }).compile(
  combinedSchema([...kinds(connectors), taskKind]),
);
const valid = corpus("valid");
const invalid = corpus("invalid");

describe("the corpus of objects", () => {
  test.each(valid)("has nothing against $title", ({ value }) => {
    expect(parser.parse(value, "").problems).toEqual([]);
  });

  test("refers to nothing that is not in it", () => {
    expect(checkResources(valid.flatMap(({ value }) => parser.parse(value, "").resource ?? []))).toEqual([]);
  });

  test.each(invalid)("finds all that is wrong with $title, and no more", ({ value, expected }) => {
    const { problems, resource } = parser.parse(value, "");
    expect(resource).toBeUndefined();
    expect(problems).toHaveLength(expected.length);
    for (const { field, part } of expected) {
      expect(problems).toContainEqual(
        expect.objectContaining({ field, message: expect.stringContaining(part) }),
      );
    }
  });

  test.each(invalid)("takes $title for a manifest all the same", ({ value }) => {
    expect(parser.isManifest(value)).toBe(true);
  });
});

describe("the JSON Schema for editors agrees with zod", () => {
  test.each(valid)("on $title", ({ value }) => {
    expect(schema(value) || schema.errors).toBe(true);
  });

  test.each(invalid)("on $title", ({ value, bySchema }) => {
    expect(schema(value)).toBe(!bySchema);
  });
});
