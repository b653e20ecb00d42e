import type { Call, CheckReport } from "../contract.ts";
import { oids } from "./controls.ts";
import { observed, shows } from "./dialect.ts";
import { accountPlaces, type Directory } from "./directory.ts";
import type { Lease } from "./pool.ts";
import { readOne } from "./search.ts";
import type { Server } from "./server.ts";
import { lockAttribute } from "./signs.ts";

/**
 * What a target asks of its server, as far as it can be told without writing: reaching it, TLS and the login have succeeded by now;
 * whether the bind DN may write shows with the first change.
 */
export async function checkDirectory(directory: Directory, call: Call): Promise<CheckReport> {
  using lease = await directory.pool.lease(call);
  const server = await directory.server(lease, call, true);
  const problems = [
    ...(await placeProblems(directory, server, lease, call)),
    ...attributeProblems(directory, server),
    ...(server.offers.has(oids.paging) ? [] : ["use a server that pages its answers (RFC 2696)"]),
  ];
  return { server: server.name, problems };
}

async function placeProblems(
  directory: Directory,
  server: Server,
  lease: Lease,
  call: Call,
): Promise<string[]> {
  const { groups } = directory.shape;
  const places = accountPlaces(directory, server).map((place) => place.base);
  if (places.length === 0)
    return ["name the bases of accounts: the server does not tell its naming contexts"];
  if (groups !== undefined) places.push(groups.base);
  const wanted = observed(server.dialect);
  const problems: string[] = [];
  for (const place of places) {
    const entry = await readOne(lease.connection, place, wanted, call);
    if (entry === undefined)
      problems.push(`create ${place}, or give the bind DN the right to read it: it was not found`);
    else if (!shows(server.dialect, entry))
      problems.push(`give the bind DN the right to read ${wanted.join(" and ")} of ${place} and below`);
  }
  return problems;
}

function attributeProblems(directory: Directory, server: Server): string[] {
  const { state, groups } = directory.shape;
  const known = (name: string) => server.subschema.attributes.has(name.toLowerCase());
  const needed = [
    ...directory.attributes,
    ...(state?.attributes ?? []).filter((name) => name !== lockAttribute),
    ...(groups ? [groups.nameAttribute] : []),
  ];
  const unknown = [...new Set(needed)].filter((name) => !known(name));
  const problems = unknown.map(
    (name) => `load the schema that defines ${name}, or do not use it: the server does not know it`,
  );
  if (state?.attributes.includes(lockAttribute) && !known(lockAttribute))
    problems.push(
      `load the password policy overlay, or disable accounts another way: the server does not know ${lockAttribute}`,
    );
  return problems;
}
