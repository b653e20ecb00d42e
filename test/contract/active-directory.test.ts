import { startActiveDirectory } from "./active-directory-harness.ts";
import { contractSuite } from "./suite.ts";

contractSuite({
  name: "activeDirectory",
  features: {
    create: true,
    update: true,
    rename: true,
    disable: true,
    delete: true,
    entitlements: true,
    createEntitlements: true,
    passwords: true,
    restore: true,
    expect: "a domain has no assertion control; versions are read right before a change",
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
  start: startActiveDirectory,
});
