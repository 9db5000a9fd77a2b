/**
 * Who sees what: the one table that the routes ask, the tests walk through and the docs show. The public sees the chain
 * and nothing here but whether the node is up, its interface, and the way to sign in.
 */

import type { Agreement } from "../../terms/model.ts";

/** Whom an account stands for. One account may have several roles; it sees what any of them sees. */
export const ROLES = ["party", "arbiter", "auditor", "operator"] as const;
export type Role = (typeof ROLES)[number];

export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  party: "holds an account of the agreement, as the chain says now",
  arbiter: "rules on disputes, as the chain says now",
  auditor: "stands in the node's settings",
  operator: "is a member of the oracle's committee or its key, as the chain says now",
};

const EVERY_ROLE: readonly Role[] = ROLES;

export interface Access {
  readonly what: string;
  readonly roles: readonly Role[];
}

export const ACCESS = {
  agreement: {
    what: "the terms, the parties' accounts with balance and lock, the oracle",
    roles: EVERY_ROLE,
  },
  cohorts: { what: "cohorts with their enrolments: number of patients, day, root", roles: EVERY_ROLE },
  reports: {
    what: "reports: tallies, as-of day, root, standing; reasons why patients were not evaluable, counted",
    roles: EVERY_ROLE,
  },
  overdue: { what: "how many patients are due and not assessed", roles: EVERY_ROLE },
  status: { what: "the node: its day, its checks, how many records were rejected", roles: EVERY_ROLE },
  pseudonyms: {
    what: "each patient of a report or an enrolment by pseudonym: tier, class of evidence, hash of her leaf, proof",
    roles: EVERY_ROLE,
  },
  "pending leaves": {
    what: "whole leaves while a report is pending, those of its cohort's enrolments with them: value, batch, blind, index day. A party that may dispute a report has to see what it says",
    roles: EVERY_ROLE,
  },
  leaves: { what: "whole leaves of everything else", roles: ["auditor", "operator"] },
  evidence: {
    what: "the ids of the resources behind each patient, and why she was not evaluable",
    roles: ["auditor", "operator"],
  },
  rejects: { what: "resources that intake could not use: file, line, id, reason", roles: ["auditor", "operator"] },
} as const satisfies Record<string, Access>;

export type Resource = keyof typeof ACCESS;

export function mayShow(roles: readonly Role[], resource: Resource): boolean {
  const { roles: allowed }: Access = ACCESS[resource];
  return roles.some((role) => allowed.includes(role));
}

/** Who is who, as the chain says at one block. Addresses are checksummed. */
export interface People {
  /** Holders of the agreement's accounts, by position. */
  readonly holders: readonly string[];
  /** Null when the agreement has none. */
  readonly arbiter: string | null;
  readonly operators: readonly string[];
  /** From the node's settings. */
  readonly auditors: readonly string[];
}

export function rolesOf(address: string, { holders, arbiter, operators, auditors }: People): Role[] {
  const has: Record<Role, boolean> = {
    party: holders.includes(address),
    arbiter: arbiter === address,
    auditor: auditors.includes(address),
    operator: operators.includes(address),
  };
  return ROLES.filter((role) => has[role]);
}

/** `payer/Basic insurance` for each account that the address holds. */
export function partiesOf(address: string, { holders }: People, { members }: Agreement): string[] {
  return members.flatMap(({ group, name }, i) => (holders[i] === address ? [`${group}/${name}`] : []));
}

/** The tables for SECURITY.md. */
export function accessMarkdown(): string {
  const head = [
    "What an operator's node shows to whom over its HTTP API. The tables are written from the program by `npm run docs`, and a",
    "test asks every route as every role. The public sees the chain. Without signing in the node answers `/health`,",
    "`/ready`, `/openapi.json` and the two calls of signing in, and nothing else.",
    "",
    "| role | who |",
    "|---|---|",
    ...ROLES.map((role) => `| ${role} | ${ROLE_WORDS[role]} |`),
    "",
    `| resource | ${ROLES.join(" | ")} | what it is |`,
    `|---|${ROLES.map(() => "---").join("|")}|---|`,
  ];
  const rows = Object.entries(ACCESS).map(([name, { what, roles }]: [string, Access]) => {
    const marks = ROLES.map((role) => (roles.includes(role) ? "yes" : "no"));
    return `| ${name} | ${marks.join(" | ")} | ${what} |`;
  });
  return [...head, ...rows].join("\n");
}
