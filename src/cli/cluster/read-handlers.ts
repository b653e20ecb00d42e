import type { ApiHandlers } from "../../server/api-routes.ts";
import { explainDocument } from "../explain-document.ts";
import { idOf, journalDocument } from "../journal-document.ts";
import { statusDocument } from "../status-document.ts";
import { look, problemsOf, type ReadParts } from "./looking.ts";
import { planOverlay } from "./plan-overlay.ts";

/** Answers of the read API, each from what the cluster and the state hold at that moment, by an engine of its own. */
export function readHandlers(parts: ReadParts): ApiHandlers {
  const { now } = parts;
  return {
    plan: (namespace, request, signal) =>
      look(parts, namespace, signal, (looking, tenant) => planOverlay(looking, tenant, request, now())),
    explain: (namespace, { identity, edits }, signal) =>
      look(parts, namespace, signal, async ({ state, snapshot, engine }, { stores }) => {
        const asked = { engine: await engine(stores(state), snapshot), state, snapshot };
        return explainDocument(asked, identity, edits, now());
      }),
    status: (namespace, { targets }, signal) =>
      look(parts, namespace, signal, async ({ state, snapshot, reading }) => {
        const only = targets && new Set(targets);
        const problems = await problemsOf(reading, snapshot);
        const place = { shownPlace: state.place, isFirstRun: false };
        return statusDocument({ snapshot, state, problems, ...place }, now(), { only });
      }),
    journal: (namespace, { identity, ...query }, signal) =>
      look(parts, namespace, signal, ({ state, snapshot }) => {
        const who = idOf(identity, (name) => snapshot.objects.Identity.get(name)?.resource);
        return journalDocument(state, { ...definedOf(query), last: query.last, ...who });
      }),
  };
}

function definedOf<T extends object>(query: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [K in keyof T]: Exclude<T[K], undefined> };
}
