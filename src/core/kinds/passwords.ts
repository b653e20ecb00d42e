import { z } from "zod";
import { credential, exactlyOne, expression } from "./common.ts";

const place = z.object({
  expression: expression.describe("CEL over `identity`, to a text; null: this account's is left alone."),
});

/** A key in a Secret's data, as Kubernetes allows them. */
const secretKey = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[-._a-zA-Z0-9]+$/, "must be letters, digits, -, _ and .")
  .default("password")
  .describe("The key in the Secret's data.");

const secret = z.object({
  name: place.describe("The name of the account's Secret, in the Target's namespace."),
  key: secretKey,
});

const file = z.object({ path: place.describe("The path of the account's file, under the operator's root.") });

const call = z.object({
  url: z
    .string()
    .max(2048)
    .regex(/^https:\/\/[^\s@]+$/, "must begin with https:// and hold no user name")
    .describe("Receives a POST of JSON for each password. A redirect is refused."),
  header: z
    .object({
      name: z
        .string()
        .min(1)
        .max(256)
        .regex(/^[-A-Za-z0-9]+$/, "must be letters, digits and -")
        .default("Authorization")
        .describe("Its name."),
      value: credential,
    })
    .optional()
    .describe("The header by which the receiver knows us."),
  ca: credential.optional().describe("The certificate authority, in PEM. Absent: those the system trusts."),
});

const deliver = exactlyOne(
  z.object({
    secret: secret.optional().describe("A Secret for each account, in a cluster."),
    file: file.optional().describe("A file for each account, readable by the controller's user alone."),
    call: call.optional().describe("A call of your own service."),
  }),
  ["secret", "file", "call"],
);

/** How accounts get their passwords. Only with connectors that can set them. */
export const passwords = exactlyOne(
  z.object({
    initial: z
      .object({
        length: z.int().min(12).max(128).default(20).describe("Characters."),
        mustChange: z
          .boolean()
          .default(true)
          .describe("It must be changed at the first login, where the store has such a notion."),
        onEnable: z
          .enum(["Keep", "Reset"])
          .default("Keep")
          .describe(
            "When Rollcall enables an account again that it had disabled. Reset: it gets a new one first.",
          ),
        deliver: deliver.describe("Where it goes before it is set."),
      })
      .optional()
      .describe("A password is generated for each account that Rollcall creates. Others keep theirs."),
    from: exactlyOne(
      z.object({
        secret: secret.optional().describe("A Secret for each account, in a cluster."),
        file: file.optional().describe("A file for each account, under the operator's root."),
      }),
      ["secret", "file"],
    )
      .optional()
      .describe("The password is what stands there; when that changes, it is set again."),
  }),
  ["initial", "from"],
);

export type Passwords = z.output<typeof passwords>;
