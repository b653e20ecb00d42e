import { createHmac, randomBytes } from "node:crypto";
import { z } from "zod";
import { Refusal } from "./refusal.ts";

/** Who asks, as the API server knows them: what a SubjectAccessReview wants to be told. */
export interface User {
  readonly username: string;
  readonly uid?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** A verb on one of the read API's resources of rollcall.dev. They have no objects: they are there to be named in Roles. */
export interface Ask {
  readonly verb: "get" | "create";
  readonly resource: "plans" | "statuses" | "explanations" | "journals";
  readonly namespace: string;
  /** The identity, for `explanations`: a Role can name it in `resourceNames`. */
  readonly name?: string;
}

/** Who may do what. Both throw where that cannot be found out. */
export interface Reviewer {
  /** Whose token it is; undefined: nobody's. */
  userOf(token: string): Promise<User | undefined>;
  may(user: User, ask: Ask): Promise<boolean>;
}

interface ApiServer {
  request(request: {
    readonly method: "POST";
    readonly path: string;
    readonly body: unknown;
  }): Promise<unknown>;
}

/** The audience of tokens that are good for Rollcall alone: `kubectl create token NAME --audience rollcall.dev`. */
export const audience = "rollcall.dev";

const user = z.object({
  username: z.string().min(1),
  uid: z.string().optional(),
  groups: z.array(z.string()).optional(),
  extra: z.record(z.string(), z.array(z.string())).optional(),
});
/** Of a token that nobody has, `user` is there and empty. */
const tokenReview = z.object({
  status: z.union([
    z.object({ authenticated: z.literal(true), user }),
    z.object({ authenticated: z.literal(false).optional() }),
  ]),
});
const accessReview = z.object({ status: z.object({ allowed: z.boolean() }) });

/** Asks the cluster's API server: TokenReview (authentication.k8s.io/v1) and SubjectAccessReview (authorization.k8s.io/v1). */
export function clusterReviewer(server: ApiServer): Reviewer {
  const review = async (token: string, audiences: readonly string[] | undefined) => {
    const spec = { token, ...(audiences && { audiences }) };
    const { status } = tokenReview.parse(
      await server.request({
        method: "POST",
        path: "/apis/authentication.k8s.io/v1/tokenreviews",
        body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec },
      }),
    );
    return status.authenticated ? status.user : undefined;
  };
  return {
    // A token for the API server itself is as good as one for us: whoever has it may do more already.
    userOf: async (token) => (await review(token, undefined)) ?? (await review(token, [audience])),
    async may({ username, uid, groups, extra }, ask) {
      const { status } = accessReview.parse(
        await server.request({
          method: "POST",
          path: "/apis/authorization.k8s.io/v1/subjectaccessreviews",
          body: {
            apiVersion: "authorization.k8s.io/v1",
            kind: "SubjectAccessReview",
            spec: {
              ...{ user: username, uid, groups, extra },
              resourceAttributes: { group: "rollcall.dev", ...ask },
            },
          },
        }),
      );
      return status.allowed;
    },
  };
}

/** How long (ms) it is remembered whose token one is; what they may do is asked each time. */
const rememberedFor = 10_000;
const mostRemembered = 1_000;

/** Remembers whose a token is for ten seconds, under a keyed digest of the process's own. */
export function remembering(reviewer: Reviewer, now: () => number): Reviewer {
  const key = randomBytes(32);
  const users = new Map<string, { readonly user: User | undefined; readonly until: number }>();
  return {
    async userOf(token) {
      const digest = createHmac("sha256", key).update(token).digest("base64");
      const known = users.get(digest);
      if (known && known.until > now()) return known.user;
      const asked = now();
      const found = await reviewer.userOf(token);
      users.delete(digest);
      if (users.size >= mostRemembered) users.delete(users.keys().next().value!);
      users.set(digest, { user: found, until: asked + rememberedFor });
      return found;
    },
    may: (found, ask) => reviewer.may(found, ask),
  };
}

/** Lets a request pass, or throws the `Refusal` that says what is missing. */
export async function authorise(
  reviewer: Reviewer,
  authorization: string | undefined,
  ask: Ask,
): Promise<User> {
  const [, token] = /^Bearer +([\x21-\x7e]{1,16384})$/i.exec(authorization ?? "") ?? [];
  if (token === undefined)
    throw new Refusal(401, "send a token of the cluster: Authorization: Bearer TOKEN (kubectl create token)");
  const found = await reviewed(() => reviewer.userOf(token));
  if (!found) throw new Refusal(401, "the cluster does not know this token: it may have expired");
  if (!(await reviewed(() => reviewer.may(found, ask)))) throw new Refusal(403, forbidden(found, ask));
  return found;
}

async function reviewed<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch {
    const cure =
      "try again; if it stays so, see whether Rollcall may create tokenreviews and subjectaccessreviews";
    throw new Refusal(503, `the API server could not be asked what you may do: ${cure}`, 5);
  }
}

/** In the API server's own words, so that people know it: it names what a Role has to give. */
function forbidden({ username }: User, { verb, resource, namespace, name }: Ask): string {
  const what = `${resource}.rollcall.dev${name === undefined ? "" : ` "${name}"`} is forbidden`;
  return `${what}: User "${username}" cannot ${verb} resource "${resource}" in API group "rollcall.dev" in the namespace "${namespace}"`;
}
