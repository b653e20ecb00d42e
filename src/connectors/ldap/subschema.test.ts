import { describe, expect, it } from "vitest";
import { readDefinition, readSubschema } from "./subschema.ts";

const schema = (attributeTypes: string[], objectClasses: string[] = []) => {
  const bytes = (list: string[]) => list.map((text) => Buffer.from(text));
  const attributes = new Map([
    ["attributetypes", bytes(attributeTypes)],
    ["objectclasses", bytes(objectClasses)],
  ]);
  return readSubschema({ dn: "cn=Subschema", attributes });
};

describe("a definition", () => {
  it("is read with its names, quoted texts, lists and bare words", () => {
    const text =
      "( 1.2.3 NAME ( 'cn' 'commonName' ) DESC 'odd (text) $ MUST' SUP name MUST ( sn $ cn ) SINGLE-VALUE X-ORIGIN 'RFC' )";
    const definition = readDefinition(text);
    expect(definition.get("oid")).toEqual(["1.2.3"]);
    expect(definition.get("NAME")).toEqual(["cn", "commonName"]);
    expect(definition.get("SUP")).toEqual(["name"]);
    expect(definition.get("MUST")).toEqual(["sn", "cn"]);
    expect(definition.has("SINGLE-VALUE")).toBe(true);
  });
});

describe("an attribute", () => {
  it("inherits syntax and equality from its SUP, and answers to every name, in any case", () => {
    const { attributes } = schema([
      "( 2.5.4.41 NAME 'name' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15{32768} )",
      "( 2.5.4.3 NAME ( 'cn' 'commonName' ) SUP name )",
    ]);
    for (const name of ["cn", "commonname", "2.5.4.3"])
      expect(attributes.get(name)).toMatchObject({
        name: "cn",
        matching: "caseIgnore",
        hasEquality: true,
        form: "text",
      });
  });

  it.each([
    [
      "EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12",
      { matching: "distinguishedName" },
    ],
    [
      "EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE",
      { matching: "integer", multiValued: false },
    ],
    ["EQUALITY booleanMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.7", { matching: "boolean", form: "boolean" }],
    [
      "EQUALITY generalizedTimeMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 NO-USER-MODIFICATION",
      { form: "time", readOnly: true },
    ],
    ["SYNTAX 1.3.6.1.4.1.1466.115.121.1.28", { matching: "binary", form: "binary", hasEquality: false }],
    ["SYNTAX 1.3.6.1.4.1.1466.115.121.1.8", { form: "binary", transfer: "x;binary" }],
    ["EQUALITY caseExactMatch", { matching: "caseExact", multiValued: true, readOnly: false, secret: false }],
  ])("with %s is %o", (words, expected) => {
    expect(schema([`( 1.2.3 NAME 'x' ${words} )`]).attributes.get("x")).toMatchObject(expected);
  });

  it("that is or descends from userPassword is secret", () => {
    const { attributes } = schema([
      "( 2.5.4.35 NAME 'userPassword' )",
      "( 1.2.3 NAME 'oldPassword' SUP userPassword )",
    ]);
    expect([attributes.get("userpassword")?.secret, attributes.get("oldpassword")?.secret]).toEqual([
      true,
      true,
    ]);
  });

  it("whose SUP is itself, or missing, does no harm", () => {
    const { attributes } = schema(["( 1.1 NAME 'loop' SUP loop )", "( 1.2 NAME 'lost' SUP nowhere )"]);
    expect([attributes.get("loop")?.matching, attributes.get("lost")?.matching]).toEqual([
      "caseExact",
      "caseExact",
    ]);
  });
});

it("an object class requires and allows what its superiors do", () => {
  const { classOf } = schema(
    [],
    [
      "( 2.5.6.0 NAME 'top' ABSTRACT MUST objectClass )",
      "( 2.5.6.6 NAME 'person' SUP top STRUCTURAL MUST ( sn $ cn ) MAY ( userPassword $ description ) )",
      "( 2.5.6.7 NAME 'organizationalPerson' SUP person MAY title )",
    ],
  );
  const { must, may } = classOf("OrganizationalPerson");
  expect([must.toSorted(), may.toSorted()]).toEqual([
    ["cn", "objectClass", "sn"],
    ["description", "title", "userPassword"],
  ]);
  expect(classOf("unheardOf")).toEqual({ must: [], may: [] });
});

it("an object class implies its superiors, and what the server adds to entries", () => {
  const { attributes } = readSubschema(
    {
      dn: "cn=schema",
      attributes: new Map([
        ["attributetypes", [Buffer.from("( 2.5.4.0 NAME 'objectClass' EQUALITY objectIdentifierMatch )")]],
        [
          "objectclasses",
          [
            "( 2.5.6.0 NAME 'top' ABSTRACT MUST objectClass )",
            "( 2.5.6.6 NAME 'person' SUP top STRUCTURAL )",
            "( 2.5.6.7 NAME 'organizationalPerson' SUP person )",
            "( 1.1 NAME 'loop' SUP loop )",
          ].map((text) => Buffer.from(text)),
        ],
      ]),
    },
    {},
    ["nsMemberOf"],
  );
  const implies = attributes.get("objectclass")?.implies;
  expect(implies?.get("organizationalperson")).toEqual(["person", "top", "nsmemberof"]);
  expect(implies?.get("top")).toEqual(["nsmemberof"]);
  expect(implies?.get("loop")).toEqual(["nsmemberof"]);
});
