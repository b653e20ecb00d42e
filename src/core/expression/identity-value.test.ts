import { expect, it } from "vitest";
import { identitySpec } from "../kinds/identity.ts";
import { identityTypes, identityValue, readPath } from "./identity-value.ts";

it("shows every field of the schema but links, which are about access", () => {
  const declared = Object.keys(identitySpec.shape).filter((field) => field !== "links");
  expect(Object.keys(identityTypes.Identity).sort()).toEqual(declared.sort());
});

it("shows every field of the nested objects", () => {
  const { shape } = identitySpec;
  const nested = {
    Name: shape.name.unwrap(),
    Entry: shape.emails.unwrap().element,
    Address: shape.addresses.unwrap().element,
    Lifecycle: shape.lifecycle.unwrap(),
    ExternalId: shape.externalIds.unwrap().element,
  };
  for (const [name, schema] of Object.entries(nested)) {
    expect(Object.keys(identityTypes[name as keyof typeof nested])).toEqual(Object.keys(schema.shape));
  }
});

it("reads paths, an absent one as undefined", () => {
  const identity = identityValue("a", {
    userName: "a",
    attributes: { "a.b": ["c"] },
    name: { givenName: "A" },
  });
  expect(readPath(identity, "userName")).toBe("a");
  expect(readPath(identity, "name.givenName")).toBe("A");
  expect(readPath(identity, "attributes.a.b")).toEqual(["c"]);
  expect(readPath(identity, "attributes.toString")).toBeUndefined();
  expect(readPath(identity, "lifecycle.end")).toBeUndefined();
  expect(readPath(identity, "title")).toBeUndefined();
  expect(readPath(identity, "*")).toMatchObject({ userName: "a", id: "a" });
});
