import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../../test/support/folder.ts";
import { type Person, writeCompany } from "../company.ts";
import { openSession } from "../session.ts";
import { type Group, groupPolicies, type Subject, type SubjectKind } from "./subject.ts";

/** A directory that Rollcall has loaded, and the folder with the manifests and the state of that. */
export interface Loaded extends AsyncDisposable {
  readonly subject: Subject;
  readonly folder: string;
  readonly seconds: number;
}

export async function load(
  start: SubjectKind["start"],
  everyone: readonly Person[],
  groups: readonly Group[],
): Promise<Loaded> {
  await using stack = new AsyncDisposableStack();
  const subject = stack.use(await start());
  const { path } = stack.use(await makeFolder("bench"));
  await copyFile(subject.ca.path, join(path, "ca.crt"));
  const policies = [...subject.policies(subject.ldapsUrl), ...groupPolicies(groups, subject)];
  await writeCompany(join(path, "manifests"), policies, everyone);
  await using session = await openSession(path, environmentOf(subject));
  await session.load();
  const { seconds, done } = await session.run();
  const memberships = groups.reduce((sum, { members }) => sum + members.length, 0);
  if (done !== everyone.length + memberships + groups.length) throw new Error(`did ${done} items only`);
  const all = stack.move();
  return { subject, folder: path, seconds, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

export function environmentOf({ login }: Subject): Readonly<Record<string, string>> {
  return { LDAP_PASSWORD: login.password };
}
