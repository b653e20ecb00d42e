import { startLdap } from "./ldap-harness.ts";
import { contractSuite } from "./suite.ts";

contractSuite({
  name: "ldap",
  features: {
    create: true,
    update: true,
    rename: true,
    disable: true,
    delete: true,
    entitlements: true,
    createEntitlements: true,
    passwords: true,
    restore: "a deleted entry is gone",
    expect: true,
    multiValued: true,
    binary: true,
    entitlementIds: true,
    droppedMidPage: true,
    restart: true,
    lostAnswer: true,
    wrongPassword: true,
    readOnly: true,
    otherServer: true,
  },
  start: startLdap,
});
