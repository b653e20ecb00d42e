import { expect, test } from "vitest";
import { missingPackages } from "./requirements.ts";

test("names the packages of which no file is there", () => {
  const wanted = [
    { debianPackage: "here", purpose: "", files: ["/no/such/file", import.meta.filename] },
    { debianPackage: "matching", purpose: "", files: [`${import.meta.dirname}/*.test.ts`] },
    { debianPackage: "gone", purpose: "", files: ["/no/such/file", "/no/such/*/file"] },
  ];
  expect(missingPackages(wanted)).toEqual(["gone"]);
});
