import { startActiveDirectory } from "./active-directory-harness.ts";
import { everything } from "./subject.ts";
import { contractSuite } from "./suite.ts";

contractSuite({
  name: "activeDirectory",
  features: {
    ...everything,
    expect: "a domain has no assertion control; versions are read right before a change",
  },
  start: startActiveDirectory,
});
