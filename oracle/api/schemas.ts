/** What the API answers, as schemas: answers are checked against them, and the OpenAPI document is made from them. */

import { z } from "zod";

const date = z.string().describe("day in UTC, as 2026-01-31");
const amount = z.string().describe("minor units of the currency, a decimal string");
const hash = z.string().describe("32 bytes of hex with 0x");
const address = z.string().describe("checksummed");
const count = z.int().min(0);
const named = <S extends z.ZodType>(id: string, schema: S): S => schema.meta({ id });

export const party = named(
  "Party",
  z.object({
    group: z.string(),
    name: z.string(),
    share: z.string().describe("part of its group, in millionths of a percent"),
    payout: z.string(),
    holder: address.describe("who holds the account now"),
    balance: amount,
    locked: amount,
    free: amount,
  }),
);

const tier = z.object({
  start: z.string().nullable().describe("first value of the tier, in the metric's smallest steps; null: no limit"),
  pays: amount.describe("minor units at the start; negative when `to` pays `from`"),
  slope: z.string().describe("10⁻⁹ minor units a smallest step"),
});

export const clause = named(
  "Clause",
  z.object({
    id: z.string(),
    kind: z.enum(["milestone", "wager"]),
    metric: z.string().nullable(),
    unit: z.string().nullable(),
    decimals: count.nullable(),
    due: z.union([z.literal("enrolment"), count]).describe("days, or at enrolment"),
    basis: z.string(),
    from: z.string(),
    to: z.string(),
    endpoint: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    payoffs: z.array(z.object({ cohort: z.string(), tiers: z.array(tier), notEvaluable: amount })),
  }),
);

export const agreement = named(
  "Agreement",
  z.object({
    chainId: z.string(),
    address,
    title: z.string(),
    rules: z.string().describe("version of the clinical rules"),
    currency: z.object({ code: z.string(), decimals: count }),
    block: count.describe("block that balances and holders are of"),
    today: date.describe("the chain's day"),
    terminated: z.boolean(),
    oracle: z.object({
      address,
      operators: z.array(address),
      arbiter: address.nullable(),
      reportWithin: count,
      reportEvery: count,
      grace: count,
      minCell: count,
      challengeWindow: count,
      challengeBond: amount,
      ruleWithin: count,
      authorisedBy: z.string().nullable(),
    }),
    parties: z.array(party),
    clauses: z.array(clause),
  }),
);

const enrolment = z.object({ number: count, patients: count, indexedDay: date, root: hash });

export const cohort = named(
  "Cohort",
  z.object({
    id: z.string(),
    population: z.string(),
    price: amount,
    opens: date,
    closes: date,
    enrolWithin: count.describe("days"),
    maxPatients: count,
    opened: z.boolean(),
    patients: count,
    enrolments: z.array(enrolment),
  }),
);

export const report = named(
  "Report",
  z.object({
    clause: z.string(),
    cohort: z.string(),
    number: count,
    kind: z.enum(["milestone", "wager"]),
    asOf: date,
    block: count,
    standing: z.enum(["pending", "settled", "void"]),
    root: hash,
    tallies: z
      .array(z.object({ patients: count, sum: z.string() }))
      .nullable()
      .describe("of a milestone: one a tier, in order"),
    notEvaluable: count.nullable().describe("patients, of a milestone"),
    value: z.string().nullable().describe("of a wager: in the metric's smallest steps; null when not evaluable"),
  }),
);

export const reportDetail = named(
  "ReportDetail",
  report.extend({
    computed: z
      .object({
        patients: count,
        snapshot: z.string().describe("names the records that it was computed from"),
        rules: z.string(),
        code: z.string().describe("version of the program"),
        reasons: z.record(z.string(), count).describe("patients not evaluable, by reason"),
      })
      .nullable()
      .describe("what this node holds of it; null when it computed another or none"),
  }),
);

export const pseudonym = named(
  "Pseudonym",
  z.object({
    patient: hash.describe("the patient's key in this agreement; a random one when she was erased"),
    erased: z.boolean(),
    tier: count.nullable().describe("one past the last tier when not evaluable; null when erased"),
    evidence: z.array(z.string()).describe("kinds of the resources behind it, such as Observation"),
    leafHash: hash,
  }),
);

export const enrolledPseudonym = named(
  "EnrolledPseudonym",
  z.object({ patient: hash, erased: z.boolean(), leafHash: hash }),
);

export const proof = named(
  "Proof",
  z.object({
    patient: hash,
    leafHash: hash,
    root: hash.describe("as it stands on the chain"),
    index: count,
    leaves: count,
    siblings: z.array(hash).describe("on the way up, lowest first; see docs/protocol.md"),
  }),
);

export const leaf = named(
  "Leaf",
  z.object({
    patient: hash,
    erased: z.literal(false),
    tier: count,
    batch: count,
    value: z.string(),
    runningSum: z.string(),
    blind: hash,
  }),
);

export const erasedLeaf = named("ErasedLeaf", z.object({ patient: hash, erased: z.literal(true), leafHash: hash }));

export const enrolmentLeaf = named(
  "EnrolmentLeaf",
  z.object({ patient: hash, erased: z.literal(false), indexDay: date, blind: hash }),
);

export const evidence = named(
  "Evidence",
  z.object({
    patient: hash,
    erased: z.boolean(),
    resources: z.array(z.string()),
    reason: z.string().nullable().describe("why not evaluable"),
  }),
);

export const overdue = named(
  "Overdue",
  z.object({
    clause: z.string(),
    cohort: z.string(),
    due: count.describe("patients due and not assessed; 1 for a wager that is due"),
    late: count.describe("of these, what anyone may lapse today"),
  }),
);

export const status = named(
  "Status",
  z.object({
    operator: address,
    code: z.string().describe("version of the program"),
    today: date.describe("the chain's day"),
    block: count,
    checks: z.array(z.object({ name: z.string(), ready: z.boolean(), detail: z.string() })),
    records: z
      .object({ asOf: date, snapshot: z.string(), patients: count, rejected: count })
      .nullable()
      .describe("the last reading; null before the first"),
  }),
);

export const rejected = named(
  "Rejected",
  z.object({
    file: z.string(),
    line: count.nullable(),
    resource: z.string().nullable(),
    reason: z.string(),
  }),
);

/** A part of a long list. */
export const pageOf = <S extends z.ZodType>(item: S) => z.object({ total: count, offset: count, items: z.array(item) });

export const pageQuery = z.object({
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});

export const offer = named(
  "SignInOffer",
  z.object({
    nonce: z.string(),
    domains: z.array(z.string()).describe("the message's domain is one of these: that of the page, or the API's own"),
    uri: z.string(),
    chainId: z.int(),
    version: z.literal("1"),
    statement: z.string().describe("a proposal; the message may carry another"),
    expires: count.describe("seconds since 1970-01-01 UTC, of the nonce"),
  }),
);

export const signIn = z.object({
  message: z.string().max(4_000).describe("EIP-4361 (ERC-4361): Sign-In with Ethereum"),
  signature: z
    .string()
    .max(20_000)
    .regex(/^0x([0-9a-fA-F]{2})+$/, "expected hex with 0x")
    .describe("of the account, or what its contract takes (ERC-1271)"),
});

export const session = named(
  "Session",
  z.object({
    address,
    roles: z.array(z.enum(["party", "arbiter", "auditor", "operator"])),
    parties: z.array(z.string()).describe("accounts that it holds, as group/name"),
    expires: count.describe("seconds since 1970-01-01 UTC"),
  }),
);

export const opened = named("OpenedSession", session.extend({ token: z.string() }));
