import { expect, test } from "vitest";
import type { LdapEntry } from "../ldap/wire.ts";
import { readAggregate } from "./subschema.ts";

/** As CN=Aggregate writes it: syntaxes in quotes, no rules, no lengths. */
const definitions: Readonly<Record<string, readonly string[]>> = {
  attributetypes: [
    "( 2.5.4.3 NAME 'cn' SYNTAX '1.3.6.1.4.1.1466.115.121.1.15' SINGLE-VALUE )",
    "( 2.5.4.13 NAME 'description' SYNTAX '1.3.6.1.4.1.1466.115.121.1.15' )",
    "( 2.5.4.31 NAME 'member' SYNTAX '1.3.6.1.4.1.1466.115.121.1.12' )",
    "( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' SYNTAX '1.3.6.1.4.1.1466.115.121.1.15' SINGLE-VALUE )",
    "( 1.2.840.113556.1.4.159 NAME 'accountExpires' SYNTAX '1.2.840.113556.1.4.906' SINGLE-VALUE )",
    "( 1.2.840.113556.1.4.8 NAME 'userAccountControl' SYNTAX '1.3.6.1.4.1.1466.115.121.1.27' SINGLE-VALUE )",
    "( 1.2.840.113556.1.4.609 NAME 'sIDHistory' SYNTAX '1.3.6.1.4.1.1466.115.121.1.40' )",
    "( 1.2.840.113556.1.6.44.1.1 NAME 'msLAPS-Password' SYNTAX '1.3.6.1.4.1.1466.115.121.1.15' SINGLE-VALUE )",
    "( 1.2.840.113556.1.4.2 NAME 'objectGUID' SYNTAX '1.3.6.1.4.1.1466.115.121.1.40' SINGLE-VALUE NO-USER-MODIFICATION )",
  ],
  objectclasses: [
    "( 2.5.6.0 NAME 'top' ABSTRACT MUST (objectClass ) MAY (cn $ description ) )",
    "( 1.2.840.113556.1.5.9 NAME 'user' SUP top STRUCTURAL MAY (accountExpires ) )",
  ],
  ditcontentrules: [
    "( 1.2.840.113556.1.5.9 NAME 'user' AUX ( securityPrincipal ) MUST (sAMAccountName ) MAY (sIDHistory ) )",
  ],
  extendedattributeinfo: [
    "( 2.5.4.3 NAME 'cn' RANGE-LOWER '1' RANGE-UPPER '64' PROPERTY-GUID '3F79' INDEXED )",
    "( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' RANGE-LOWER '0' RANGE-UPPER '256' PROPERTY-GUID 'D0BF' )",
  ],
};

const aggregate: LdapEntry = {
  dn: "CN=Aggregate",
  attributes: new Map(
    Object.entries(definitions).map(([name, values]) => [name, values.map((value) => Buffer.from(value))]),
  ),
};
const { attributes, classOf } = readAggregate(aggregate);

test.each([
  ["cn", { matching: "caseIgnore", multiValued: false, maxLength: 64 }],
  ["description", { matching: "caseIgnore", multiValued: false }],
  ["member", { matching: "distinguishedName", multiValued: true }],
  ["samaccountname", { maxLength: 20 }],
  ["accountexpires", { matching: "time", readOnly: false }],
  ["useraccountcontrol", { matching: "integer", readOnly: true }],
  ["sidhistory", { matching: "binary", readOnly: true }],
  ["mslaps-password", { secret: true }],
  ["objectguid", { matching: "binary", readOnly: true }],
])("%s is compared and kept as the domain does it", (name, expected) => {
  expect(attributes.get(name)).toMatchObject({ hasEquality: true, ...expected });
});

test("a class requires and allows what auxiliary classes add to it", () => {
  const { must, may } = classOf("User");
  expect([must.toSorted(), may.toSorted()]).toEqual([
    ["objectClass", "sAMAccountName"],
    ["accountExpires", "cn", "description", "sIDHistory"],
  ]);
});
