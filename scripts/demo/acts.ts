import type { Act, Step } from "./act.ts";

const plan = "rollcall plan -f demo/manifests";
const applyShown = "rollcall apply -f demo/manifests --plan HASH";
const applyYes = "rollcall apply -f demo/manifests --yes";

const commit = (message: string): Step => ({
  run: `git -C demo/manifests commit -qam "${message}"`,
  exits: 0,
});
const leaves = (file: string, of: string, department: string): Step => ({
  edit: file,
  of,
  from: `  department: ${department}`,
  to: `  department: ${department}\n  lifecycle: { state: Inactive }`,
});
const nothingToDo: Step = { run: plan, exits: 0, shows: ["Plan: nothing to do"] };

const idOfPiotr = "SELECT id FROM users WHERE login = 'piotr.kowalski'";
const stateOfPiotr = "SELECT state FROM users WHERE login = 'piotr.kowalski'";
/** Which user Piotr was before he left. */
const before = { piotr: undefined as unknown };
const halfOfIt = ["engineering.yaml", "sales.yaml", "support.yaml"];

const fieldService = [
  "wei-zhang",
  "klara-svoboda",
  "mateo-silva",
  "tariq-aziz",
  "isabel-costa",
  "nadia-petrova",
];

/** The main job on three stores that need nothing installed: a JSON directory, an SQLite database and a CSV file. */
export const acts: readonly Act[] = [
  {
    title: "A folder of manifests",
    says: "Sixty people and machines, eight business roles and who gets what: YAML in a Git repository. First: is it valid?",
    steps: [
      { run: "git init -q -b main demo/manifests", exits: 0 },
      { run: "git -C demo/manifests add .", exits: 0 },
      commit("The company"),
      { run: "rollcall validate -f demo/manifests", exits: 0, shows: ["95 valid objects, 0 errors"] },
    ],
  },
  {
    title: "The plan",
    says: "What would have to change in the three stores? Nothing is written yet. --init makes the state, once.",
    steps: [
      {
        run: `${plan} --init`,
        exits: 1,
        shows: ["5 adopts, 150 creates, 286 grants", "because BusinessRole"],
      },
      {
        check: "the door system's file is as it was: three badges, two of them of people who work here",
        holds: (company) => company.activeBadges() === 3,
      },
    ],
  },
  {
    title: "Apply",
    says: "Exactly what the plan showed, and nothing else. Two badges that were there before are adopted, not made a second time.",
    steps: [
      { run: applyShown, exits: 0, shows: ["Applied: 5 adopts, 150 creates, 286 grants."], head: 8 },
      {
        check: "57 people have badges, and one badge belongs to nobody that Rollcall knows: it is left alone",
        holds: (company) => company.activeBadges() === 58,
      },
      {
        check: "the order application has 24 more users, with their roles",
        holds: (company) => company.ask("SELECT count(*) FROM users") === 25,
      },
    ],
  },
  {
    title: "Again",
    says: "A second plan is empty. Exit code 0 says so to scripts, too.",
    steps: [nothingToDo],
  },
  {
    title: "Somebody tampers with a store",
    says: "An address is changed by hand, a role is taken away, and a user is made past everybody. The first two are drift and are repaired; the third is reported.",
    steps: [
      { sql: "UPDATE users SET mail = 'aisha@elsewhere.example' WHERE login = 'aisha.khan'" },
      {
        sql: "DELETE FROM user_roles WHERE user_id = (SELECT id FROM users WHERE login = 'arjun.mehta') AND role_id = (SELECT id FROM roles WHERE name = 'invoices:write')",
      },
      { sql: "INSERT INTO users (login) VALUES ('ghost')" },
      {
        run: `${plan} --target orders`,
        exits: 1,
        shows: [
          "aisha@elsewhere.example → aisha.khan@example.org",
          /grant +invoices:write for arjun.mehta/,
          "ghost",
        ],
      },
      { run: `${applyYes} --target orders`, exits: 0, shows: ["Applied: 1 update, 1 grant."] },
      nothingToDo,
    ],
  },
  {
    title: "A mover",
    says: "Aisha goes from Sales to Support: one line in a pull request. New access is given before old access is taken.",
    steps: [
      {
        edit: "people/sales.yaml",
        of: "aisha-khan",
        from: "  department: Sales",
        to: "  department: Support",
      },
      commit("Aisha moves to Support"),
      {
        run: plan,
        exits: 1,
        shows: [/grant +workshop for aisha.khan/, "no longer given by BusinessRole sales"],
        head: 40,
      },
      { run: applyShown, exits: 0, shows: ["Applied: 3 updates, 2 grants, 2 revokes."], head: 1 },
    ],
  },
  {
    title: "A leaver, who comes back",
    says: "Piotr leaves: his accounts are disabled at once and kept. Then it turns out that he stays, and he gets the same accounts back.",
    steps: [
      leaves("people/finance.yaml", "piotr-kowalski", "Finance"),
      commit("Piotr leaves"),
      { run: applyYes, exits: 0, shows: ["Applied: 3 disables, 4 revokes."] },
      {
        check: "his user in the order application is there, and blocked",
        holds: (company) => {
          before.piotr = company.ask(idOfPiotr);
          return before.piotr !== undefined && company.ask(stateOfPiotr) === "blocked";
        },
      },
      {
        edit: "people/finance.yaml",
        of: "piotr-kowalski",
        from: "  department: Finance\n  lifecycle: { state: Inactive }",
        to: "  department: Finance",
      },
      commit("Piotr stays after all"),
      { run: applyYes, exits: 0, shows: ["Applied: 3 enables, 4 grants."] },
      {
        check: "it is the same user with the same id, active again",
        holds: (company) => company.ask(idOfPiotr) === before.piotr && company.ask(stateOfPiotr) === "active",
      },
    ],
  },
  {
    title: "Half the manifests vanish",
    says: "A bad merge, a half-finished checkout, a slip of the hand: half of the company is gone. Nobody is removed for it.",
    steps: [
      {
        hand: "mv demo/manifests/people/{engineering,sales,support}.yaml demo/elsewhere/",
        does: (company) => company.move(halfOfIt, "manifests/people", "elsewhere"),
      },
      {
        run: applyYes,
        exits: 2,
        shows: ["waits until", "for the manifests to settle", "Applied: nothing"],
        head: 12,
      },
      { run: plan, exits: 2, shows: ["the limit is 5", "Plan: nothing to do"], head: 12 },
      { check: "all 58 badges open doors still", holds: (company) => company.activeBadges() === 58 },
      {
        hand: "mv demo/elsewhere/*.yaml demo/manifests/people/",
        does: (company) => company.move(halfOfIt, "elsewhere", "manifests/people"),
      },
      nothingToDo,
    ],
  },
  {
    title: "A limit holds a change until somebody approves it",
    says: "Six people leave on one day. That is more than a target may lose in a day by itself, so all of it waits for a second pair of eyes.",
    steps: [
      ...fieldService.map((name) => leaves("people/support.yaml", name, "Support")),
      commit("The field service is sold"),
      { run: applyYes, exits: 3, shows: ["the limit is 5", "to let it pass", "Applied: nothing"] },
      { run: "rollcall approve -f demo/manifests HASH --by maja.horvat", exits: 0, shows: ["approved"] },
      { run: "rollcall approve -f demo/manifests HASH --by maja.horvat", exits: 0, shows: ["approved"] },
      { run: "rollcall approve -f demo/manifests HASH --by maja.horvat", exits: 0, shows: ["approved"] },
      { run: applyYes, exits: 0, shows: [/Applied: \d+ disables, \d+ revokes\./], head: 8 },
      { check: "52 badges open doors now", holds: (company) => company.activeBadges() === 52 },
      nothingToDo,
    ],
  },
  {
    title: "Why?",
    says: "Why does Daniel have the server room's key, and until when? And what would Aisha gain and lose if she went to Research?",
    steps: [
      {
        run: "rollcall explain daniel-osei -f demo/manifests",
        exits: 0,
        shows: ["Grant daniel-on-call", "server room", "Grant daniel-on-call ends"],
        head: 27,
      },
      {
        run: "rollcall explain aisha-khan -f demo/manifests --if department=Research",
        exits: 0,
        shows: ["If department=Research:", "- account in orders"],
        head: 2,
      },
    ],
  },
];

/** Looking back. */
export const closingActs: readonly Act[] = [
  {
    title: "How do things stand?",
    says: "Of each target: how many accounts are linked, and what waits for somebody.",
    steps: [{ run: "rollcall status -f demo/manifests", exits: 0, shows: [/badges +badges +Enforce +57/] }],
  },
  {
    title: "Who asked for it?",
    says: "The journal has every change: when, by which commit, why, before and after, and who approved it.",
    steps: [
      {
        run: "rollcall journal -f demo/manifests --identity aisha-khan --target directory --last 3",
        exits: 0,
        shows: [/grant +support for[\s\S]+revoke +sales from/],
      },
      {
        run: "rollcall journal -f demo/manifests --identity wei-zhang --last 1",
        exits: 0,
        shows: ["approved by maja.horvat"],
      },
      { run: "git -C demo/manifests log --oneline", exits: 0, shows: ["Aisha moves to Support"] },
    ],
  },
];
