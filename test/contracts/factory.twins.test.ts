import { expect } from "chai";
import fc from "fast-check";

import { agreementAddress } from "../../terms/onchain/address.ts";
import { compileTerms } from "../../terms/onchain/compile.ts";
import { packTerms } from "../../terms/onchain/pack.ts";
import { hashTerms, termsDigest } from "../../terms/onchain/typedData.ts";
import { chainId, ethers, freshChain } from "./support/chain.ts";
import { castWith, readSheet } from "./support/draft.ts";
import { openAgreement } from "./support/agreement.ts";
import { sheet } from "./support/sheet.ts";

const RUNS = { numRuns: 60, seed: 20260101 };

const GROUPS = ["payer", "manufacturer", "provider", "beneficiary", "guarantor"];

/** Members of a group whose shares add up. */
const members = fc
  .tuple(fc.uniqueArray(fc.integer({ min: 1, max: 99_999_999 }), { maxLength: 2 }), fc.boolean())
  .map(([cuts, automatic]) => {
    const ends = [...cuts.toSorted((a, b) => a - b), 100_000_000];
    return ends.map((end, i) => ({
      name: `Member ${i} Größe`,
      share: `${((end - (ends[i - 1] ?? 0)) / 1e6).toFixed(6)}%`,
      ...(automatic ? { payout: "automatic" } : {}),
    }));
  });

const money = fc.integer({ min: -10_000_000, max: 10_000_000 }).map((cents) => Number((cents / 100).toFixed(2)));
const days = fc.integer({ min: 0, max: 366 }).map((count) => `${count}d`);

/** One clause; which groups and cohorts it names is decided by `pick`. */
const clause = fc.record({
  shape: fc.constantFrom("enrolment", "time", "milestone", "patient", "total", "enrolled", "outlay"),
  pick: fc.nat(1_000),
  amounts: fc.tuple(money, money, money, money),
  starts: fc.uniqueArray(fc.integer({ min: 1, max: 90 }), { minLength: 2, maxLength: 2 }),
  slope: fc.integer({ min: -9_999, max: 9_999 }).map((slope) => Number((slope / 100).toFixed(2))),
  due: fc.integer({ min: 1, max: 10_958 }),
});

const agreements = fc.record({
  title: fc.string({ minLength: 1, maxLength: 30 }).map((text) => `T${text.replace(/[^\x20-\x7e]/g, "")}T`),
  nonce: fc.nat(),
  groups: fc.tuple(members, members, members),
  others: fc.constantFrom(...GROUPS.slice(2)),
  oracle: fc.record({
    reportWithin: days,
    reportEvery: days,
    grace: days,
    challengeWindow: days,
    challengeBond: fc.integer({ min: 0, max: 10_000_000 }).map((cents) => Number((cents / 100).toFixed(2))),
    ruleWithin: days,
    authorised: fc.boolean(),
  }),
  cohorts: fc.array(
    fc.record({ length: fc.integer({ min: 1, max: 3_653 }), patients: fc.integer({ min: 1, max: 1_000_000 }) }),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
  clauses: fc.array(clause, { minLength: 1, maxLength: 5 }),
});

type Shape = typeof agreements extends fc.Arbitrary<infer T> ? T : never;

/** The term sheet in JSON, which is YAML. */
function write(shape: Shape): string {
  const names: readonly string[] = ["payer", "manufacturer", shape.others];
  const [payer] = shape.groups[0];
  const { authorised, ...oracle } = shape.oracle;
  const opens = Date.UTC(2026, 0, 1);
  const cohorts = shape.cohorts.map(({ length, patients }, i): [string, object] => [
    `c${i}`,
    {
      population: `Population ${i}`,
      price: 1000,
      opens: new Date(opens + i * 86_400_000).toISOString().slice(0, 10),
      closes: new Date(opens + (i + length) * 86_400_000).toISOString().slice(0, 10),
      maxPatients: patients,
    },
  ]);
  return JSON.stringify({
    outcomes: 1,
    title: shape.title,
    nonce: shape.nonce,
    currency: { code: "EUR", decimals: 2 },
    parties: Object.fromEntries(names.map((name, i) => [name, shape.groups[i]])),
    oracle: { ...oracle, arbiter: "Board", ...(authorised ? { authorisedBy: `payer/${payer!.name}` } : {}) },
    cohorts: Object.fromEntries(cohorts),
    clauses: Object.fromEntries(
      shape.clauses.map((one, i) => [`clause-${i}`, writeClause(one, names, shape)] as const),
    ),
  });
}

function writeClause(one: Shape["clauses"][number], names: readonly string[], shape: Shape): object {
  const [first, second, third, notEvaluable] = one.amounts;
  const from = one.pick % 3;
  const to = (from + 1 + (one.pick % 2)) % 3;
  const member = shape.groups[from]![0]!.name;
  const [low = 1, high = 2] = one.starts.toSorted((a, b) => a - b);
  const parts = {
    from: one.pick % 5 === 0 ? `${names[from]}/${member}` : names[from],
    to: names[to],
    ...(one.pick % 7 === 0 ? { cohorts: ["c0"] } : {}),
  };
  const due = `${one.due}d`;
  const tiers = (unit: string) => [
    { pays: first },
    { atLeast: `${low}${unit}`, pays: second, perUnit: one.slope },
    { atLeast: `${high}${unit}`, pays: third },
  ];
  if (one.shape === "enrolment") return { ...parts, type: "milestone", due: "enrolment", pays: first };
  if (one.shape === "time") return { ...parts, type: "milestone", due, pays: first };
  if (one.shape === "milestone") {
    return { ...parts, type: "milestone", metric: "units", due, pays: tiers(""), notEvaluable };
  }
  const basis = one.shape === "patient" ? "patient" : "total";
  if (one.shape === "enrolled" || one.shape === "outlay") {
    return { ...parts, type: "wager", basis, metric: one.shape, due, pays: tiers("") };
  }
  return { ...parts, type: "wager", basis, metric: "complication-rate", due, pays: tiers("%"), notEvaluable };
}

describe("The factory and its twin in TypeScript", () => {
  it("given any agreement, then packed terms, address and digest are the same", async () => {
    const { factory, parties, committee, arbiter } = await freshChain();
    const here = await factory.getAddress();
    const tokens = await Promise.all(
      [2, 6, 18].map(async (decimals) => ({ decimals, token: await ethers.deployContract("PlainToken", [decimals]) })),
    );
    const oracle = await committee.getAddress();
    const accounts = parties.map(({ address }) => address);
    await fc.assert(
      fc.asyncProperty(agreements, fc.constantFrom(...tokens), fc.string(), async (shape, { decimals, token }, uri) => {
        const model = castWith(readSheet(write(shape)), accounts, oracle, arbiter.address);
        const terms = compileTerms(model, await token.getAddress());
        const legal = { sha256Hash: `0x${"cd".repeat(32)}`, uri, prevails: "paper" };
        const packed = packTerms(model, terms, decimals);
        const address = agreementAddress(here, packed, hashTerms(terms));
        expect(await factory.pack(terms)).to.equal(packed);
        expect(await factory.addressOf(terms)).to.equal(address);
        expect(await factory.digest(terms, legal)).to.equal(termsDigest(chainId, here, address, terms, legal));
      }),
      RUNS,
    );
  });

  it("given the type strings, when any signed field changes, then both digests change and stay the same", async () => {
    const { factory, terms, legal } = await openAgreement(
      sheet({ oracle: "{ reportWithin: 30d, challengeWindow: 7d, arbiter: Board, authorisedBy: payer/Fund }" }),
    );
    const here = await factory.getAddress();
    const seen = new Set<string>();
    const changes: ((changed: typeof terms) => unknown)[] = [
      (t) => t,
      (t) => (t.title += "!"),
      (t) => (t.rules += "!"),
      (t) => (t.nonce = 9n),
      (t) => (t.validUntil = 20990101),
      (t) => (t.currency = "USD"),
      (t) => (t.decimals = 1),
      (t) => (t.metrics = "{}"),
      (t) => (t.parties[0]!.payout = "automatic"),
      (t) => t.parties.reverse(),
      (t) => (t.oracle.minCell = 5),
      (t) => (t.oracle.challengeBond = 5n),
      (t) => (t.oracle.ruleWithin = 5),
      (t) => (t.cohorts[0]!.id = "other"),
      (t) => (t.cohorts[0]!.population = "other"),
      (t) => (t.cohorts[0]!.eligibility = "other"),
      (t) => (t.cohorts[0]!.price = 5n),
      (t) => (t.cohorts[0]!.maxPatients = 5),
      (t) => (t.clauses[1]!.id = "other"),
      (t) => (t.clauses[1]!.unit = "other"),
      (t) => (t.clauses[1]!.decimals = 5),
      (t) => (t.clauses[1]!.endpoint = "other"),
      (t) => (t.clauses[1]!.due = 5),
      (t) => (t.clauses[1]!.payoffs[0]!.pays = -5n),
      (t) => (t.clauses[1]!.payoffs[0]!.notEvaluable = -5n),
      (t) => (t.clauses[1]!.payoffs[0]!.tiers[0]!.atLeast = -5n),
    ];
    for (const change of changes) {
      const changed = structuredClone(terms);
      change(changed);
      const digest = await factory.digest(changed, legal);
      expect(digest).to.equal(termsDigest(chainId, here, await factory.addressOf(changed), changed, legal));
      seen.add(digest);
    }
    expect(seen.size).to.equal(changes.length);
  });
});
