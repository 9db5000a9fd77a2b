import { expect } from "chai";
import { ZeroAddress } from "ethers";

import type { SignedClause, SignedPayoff, SignedTerms } from "../../terms/onchain/compile.ts";
import { ethers } from "./support/chain.ts";
import { draft } from "./support/draft.ts";
import { sheet } from "./support/sheet.ts";

const MOST = 2n ** 95n - 1n;
const WHOLE = 100_000_000n;

const SHEET = sheet({
  oracle: "{ reportWithin: 30d, challengeWindow: 7d, arbiter: Board, authorisedBy: payer/Fund }",
});

/** What is wrong with the terms, and how the factory says so. */
type Case = readonly [title: string, spoil: (terms: SignedTerms) => void, error: string, args: readonly unknown[]];

const clause = (terms: SignedTerms, position = 1): SignedClause => terms.clauses[position]!;
const payoff = (terms: SignedTerms, position = 1): SignedPayoff => clause(terms, position).payoffs[0]!;

/** As many parties as asked for, each a group's whole or a payer's part. */
function parties(terms: SignedTerms, count: number): void {
  const [payer, maker] = terms.parties;
  const payers = Array.from({ length: count - 1 }, (_, i) => ({
    ...payer!,
    name: i === 0 ? "Fund" : `Fund ${i}`,
    share: i === 0 ? WHOLE - BigInt(count) + 2n : 1n,
    account: `0x${(i + 1_000).toString(16).padStart(40, "0")}`,
  }));
  terms.parties = [...payers, maker!];
}

function third(terms: SignedTerms, group: string): void {
  terms.parties.push({ ...terms.parties[0]!, group, name: "Third", account: `0x${"33".repeat(20)}` });
}

const INVALID: readonly Case[] = [
  ["one party", (t) => (t.parties = t.parties.slice(0, 1)), "InvalidTerms", ["parties", 1n, 2n]],
  ["17 parties", (t) => parties(t, 17), "InvalidTerms", ["parties", 17n, 16n]],
  ["no cohort", (t) => (t.cohorts = []), "InvalidTerms", ["cohorts", 0n, 1n]],
  [
    "256 cohorts",
    (t) => (t.cohorts = Array.from({ length: 256 }, () => t.cohorts[0]!)),
    "InvalidTerms",
    ["cohorts", 256n, 255n],
  ],
  [
    "65 clauses in a cohort",
    (t) => (t.clauses = Array.from({ length: 65 }, () => clause(t, 0))),
    "InvalidTerms",
    ["clauses in a cohort", 65n, 64n],
  ],
  ["a clause in no cohort", (t) => (clause(t).payoffs = []), "InvalidTerms", ["clauses.payoffs", 0n, 1n]],
  [
    "a clause in a cohort that is none",
    (t) => (payoff(t).cohort = 1),
    "InvalidTerms",
    ["clauses.payoffs.cohort", 1n, 0n],
  ],
  [
    "a clause twice in a cohort",
    (t) => {
      t.cohorts.push(t.cohorts[0]!);
      clause(t).payoffs.push(payoff(t));
    },
    "InvalidTerms",
    ["clauses.payoffs.cohort", 0n, 1n],
  ],
  [
    "more payoffs than cohorts",
    (t) => clause(t).payoffs.push({ ...payoff(t) }),
    "InvalidTerms",
    ["clauses.payoffs", 2n, 1n],
  ],
  ["a share of nothing", (t) => (t.parties[0]!.share = 0n), "InvalidTerms", ["parties.share", 0n, 1n]],
  [
    "a share of more than all",
    (t) => (t.parties[0]!.share = WHOLE + 1n),
    "InvalidTerms",
    ["parties.share", WHOLE + 1n, WHOLE],
  ],
  [
    "shares that leave something",
    (t) => (t.parties[0]!.share = WHOLE - 1n),
    "InvalidTerms",
    ["parties.share", WHOLE - 1n, WHOLE],
  ],
  [
    "a last group whose shares leave something",
    (t) => (t.parties[1]!.share = 5n),
    "InvalidTerms",
    ["parties.share", 5n, WHOLE],
  ],
  [
    "shares that add up to too much",
    (t) => t.parties.push({ ...t.parties[1]!, name: "Licensee", account: `0x${"33".repeat(20)}` }),
    "InvalidTerms",
    ["parties.share", 2n * WHOLE, WHOLE],
  ],
  ...(["challengeWindow", "ruleWithin", "reportWithin", "reportEvery", "grace"] as const).map((field): Case => [
    `${field} over a year`,
    (t) => (t.oracle[field] = 367),
    "InvalidTerms",
    [`oracle.${field}`, 367n, 366n],
  ]),
  [
    "a bond beyond the ledger",
    (t) => (t.oracle.challengeBond = MOST + 1n),
    "InvalidTerms",
    ["oracle.challengeBond", MOST + 1n, MOST],
  ],
  [
    "a cohort that closes as it opens",
    (t) => (t.cohorts[0]!.closes = t.cohorts[0]!.opens),
    "InvalidTerms",
    ["cohorts.closes", 20_454n, 20_455n],
  ],
  [
    "a cohort longer than ten years",
    (t) => (t.cohorts[0]!.closes = 20360103),
    "InvalidTerms",
    ["cohorts.closes", 20_454n + 3_654n, 20_454n + 3_653n],
  ],
  [
    "enrolWithin over a year",
    (t) => (t.cohorts[0]!.enrolWithin = 367),
    "InvalidTerms",
    ["cohorts.enrolWithin", 367n, 366n],
  ],
  ["no patient", (t) => (t.cohorts[0]!.maxPatients = 0), "InvalidTerms", ["cohorts.maxPatients", 0n, 1n]],
  ["due beyond 30 years", (t) => (clause(t).due = 10_959), "InvalidTerms", ["clauses.due", 10_959n, 10_958n]],
  ["a payment at enrolment due later", (t) => (clause(t, 0).due = 1), "InvalidTerms", ["clauses.due", 1n, 0n]],
  [
    "a payment with tiers",
    (t) => (payoff(t, 0).tiers = payoff(t).tiers),
    "InvalidTerms",
    ["clauses.payoffs.tiers", 1n, 0n],
  ],
  [
    "a payment with an amount for not evaluable",
    (t) => (payoff(t, 0).notEvaluable = 1n),
    "InvalidTerms",
    ["clauses.payoffs.tiers", 0n, 0n],
  ],
  ...[MOST + 1n, -MOST - 1n, -(2n ** 127n)].flatMap((amount): Case[] => {
    const size = amount < 0n ? -amount : amount;
    return [
      ["pays", (t: SignedTerms) => (payoff(t).pays = amount)],
      ["notEvaluable", (t: SignedTerms) => (payoff(t).notEvaluable = amount)],
      ["tiers.atLeast", (t: SignedTerms) => (payoff(t).tiers[0]!.atLeast = amount)],
      ["tiers.pays", (t: SignedTerms) => (payoff(t).tiers[0]!.pays = amount)],
    ].map(([field, spoil]): Case => [
      `${String(field)} of ${amount}`,
      spoil as (terms: SignedTerms) => void,
      "InvalidTerms",
      [`clauses.payoffs.${String(field)}`, size, MOST],
    ]);
  }),
  [
    "tiers that do not ascend",
    (t) => payoff(t).tiers.push({ ...payoff(t).tiers[0]! }),
    "InvalidTerms",
    ["clauses.payoffs.tiers.atLeast", 1n, 0n],
  ],
  [
    "a last tier with a slope",
    (t) => (payoff(t).tiers[0]!.slope = 1n),
    "InvalidTerms",
    ["clauses.payoffs.tiers.slope", 0n, 0n],
  ],
  [
    "a slope whose end no lock can hold",
    (t) =>
      (payoff(t).tiers = [
        { atLeast: 0n, pays: 0n, slope: 2n ** 127n - 1n },
        { atLeast: 10n ** 9n, pays: 0n, slope: 0n },
      ]),
    "InvalidTerms",
    ["clauses.payoffs", 2n ** 127n - 1n, 2n ** 96n - 1n],
  ],
  [
    "worst cases beyond the ledger",
    (t) => {
      t.cohorts[0]!.maxPatients = 2 ** 17;
      payoff(t).pays = MOST;
    },
    "InvalidTerms",
    ["exposure of all cohorts", MOST * 2n ** 17n + 100_000n * 2n ** 17n, 2n ** 111n - 1n],
  ],
];

const UNKNOWN: readonly Case[] = [
  ["an unknown group", (t) => third(t, "patient"), "UnknownWord", ["parties.group", "patient"]],
  ["a group apart from its first member", (t) => third(t, "payer"), "UnknownWord", ["parties.group", "payer"]],
  [
    "another way to be paid",
    (t) => (t.parties[0]!.payout = "Automatic"),
    "UnknownWord",
    ["parties.payout", "Automatic"],
  ],
  ["an unknown kind", (t) => (clause(t).kind = "bet"), "UnknownWord", ["clauses.kind", "bet"]],
  ["a milestone without a metric", (t) => (clause(t).metric = ""), "UnknownWord", ["clauses.metric", ""]],
  [
    "a milestone on what the contract knows",
    (t) => (clause(t).metric = "enrolled"),
    "UnknownWord",
    ["clauses.metric", "enrolled"],
  ],
  ["a payment with a metric", (t) => (clause(t, 0).metric = "alive"), "UnknownWord", ["clauses.metric", "alive"]],
  [
    "a wager without a metric",
    (t) => Object.assign(clause(t), { kind: "wager in total", metric: "" }),
    "UnknownWord",
    ["clauses.metric", ""],
  ],
  [
    "outlay without a payer",
    (t) => {
      t.parties[0]!.group = "guarantor";
      t.oracle.authorisedBy = "";
      t.clauses = [{ ...clause(t), kind: "wager in total", metric: "outlay", from: "guarantor", to: "manufacturer" }];
    },
    "UnknownWord",
    ["clauses.metric", "outlay"],
  ],
  ["a payer who is nobody", (t) => (clause(t).from = "provider"), "UnknownWord", ["clauses.from", "provider"]],
  ["a payee who is nobody", (t) => (clause(t).to = "payer/Nobody"), "UnknownWord", ["clauses.to", "payer/Nobody"]],
  ["one group on both sides", (t) => (clause(t).to = "manufacturer"), "UnknownWord", ["clauses.to", "manufacturer"]],
  [
    "a group and its member on both sides",
    (t) => (clause(t).to = "manufacturer/Maker"),
    "UnknownWord",
    ["clauses.to", "manufacturer/Maker"],
  ],
  [
    "an authoriser who is nobody",
    (t) => (t.oracle.authorisedBy = "payer/Nobody"),
    "UnknownWord",
    ["oracle.authorisedBy", "payer/Nobody"],
  ],
  [
    "a group of several as the authoriser",
    (t) => {
      parties(t, 3);
      t.oracle.authorisedBy = "payer";
    },
    "UnknownWord",
    ["oracle.authorisedBy", "payer"],
  ],
];

const ACCOUNTS: readonly (readonly [string, (terms: SignedTerms) => string])[] = [
  ["nobody", () => ZeroAddress],
  ["the token", ({ token }) => token],
  ["the oracle", ({ oracle }) => oracle.account],
  ["the arbiter", ({ oracle }) => oracle.arbiter],
  ["another party", ({ parties }) => parties[0]!.account],
];

const INVALID_ACCOUNTS: readonly Case[] = [
  ["no oracle", (t) => (t.oracle.account = ZeroAddress), "InvalidAccount", ["oracle.account", ZeroAddress]],
  [
    "a window without an arbiter",
    (t) => (t.oracle.arbiter = ZeroAddress),
    "InvalidAccount",
    ["oracle.arbiter", ZeroAddress],
  ],
];

describe("The factory refuses", () => {
  for (const [title, spoil, error, args] of [...INVALID, ...UNKNOWN, ...INVALID_ACCOUNTS]) {
    it(title, async () => {
      const { factory, terms, legal, create } = await draft(SHEET);
      const spoilt = structuredClone(terms);
      spoil(spoilt);
      await expect(factory.create(spoilt, legal, []))
        .to.be.revertedWithCustomError(factory, error)
        .withArgs(...args);
      await expect(factory.addressOf(spoilt)).to.be.revertedWithCustomError(factory, error);
      await create();
    });
  }

  for (const [who, accountOf] of ACCOUNTS) {
    it(`${who} as a party`, async () => {
      const { factory, terms, legal } = await draft(SHEET);
      const account = accountOf(terms);
      const spoilt = { ...terms, parties: [terms.parties[0]!, { ...terms.parties[1]!, account }] };
      await expect(factory.create(spoilt, legal, []))
        .to.be.revertedWithCustomError(factory, "InvalidAccount")
        .withArgs("parties.account", account);
    });
  }

  for (const date of [0, 20260001, 20261301, 20260100, 20260230, 20270229, 21000229, 19691231, 22000101, 2 ** 32 - 1]) {
    it(`the day ${date}, which does not exist`, async () => {
      const { factory, terms, legal } = await draft(SHEET);
      const spoilt = structuredClone(terms);
      spoilt.cohorts[0]!.closes = date;
      await expect(factory.create(spoilt, legal, []))
        .to.be.revertedWithCustomError(factory, "NoSuchDay")
        .withArgs(date);
    });
  }

  it("a token without code", async () => {
    const { factory, terms, legal, stranger } = await draft(SHEET);
    const spoilt = { ...terms, token: stranger.address };
    await expect(factory.create(spoilt, legal, []))
      .to.be.revertedWithCustomError(factory, "TokenHasNoCode")
      .withArgs(stranger);
  });

  it("a token with fewer decimals than the currency, or with too many to scale", async () => {
    for (const [decimals, taken] of [
      [1, false],
      [2, true],
      [38, true],
      [39, false],
    ] as const) {
      const { factory, create } = await draft(SHEET, {
        token: () => ethers.deployContract("PlainToken", [decimals]),
      });
      if (taken) await expect(create()).to.emit(factory, "AgreementCreated");
      else {
        await expect(create()).to.be.revertedWithCustomError(factory, "TokenDecimals").withArgs(BigInt(decimals), 2n);
      }
    }
  });

  describe("terms that do not fit a contract's code", () => {
    /** Bytes of a tier, and of a slope: only payoffs with slopes carry them, but room is made for all. */
    const TIER = 24;
    const SLOPE = 16;

    /** The guarantee with as many further tiers as asked for. */
    async function withTiers(count: number) {
      const drafted = await draft(SHEET);
      const terms = structuredClone(drafted.terms);
      const tiers = Array.from({ length: count }, (_, i) => ({ atLeast: BigInt(i + 2), pays: 0n, slope: 0n }));
      payoff(terms).tiers.push(...tiers);
      const size = (await drafted.factory.pack(drafted.terms)).length / 2 - 1 + count * TIER;
      return { ...drafted, terms, size };
    }

    it("by a tier too many", async () => {
      const bare = await withTiers(0);
      const most = Math.floor((24_531 - bare.size) / TIER);
      const fits = await withTiers(most);
      expect((await fits.factory.pack(fits.terms)).length).to.equal(2 + 2 * fits.size);
      const { factory, terms, legal, size } = await withTiers(most + 1);
      await expect(factory.create(terms, legal, []))
        .to.be.revertedWithCustomError(factory, "TermsTooLarge")
        .withArgs(size, 24_531);
    });

    it("by much, but for no offset too far: what they take is told", async () => {
      // With a second cohort, without clauses, tiers and slopes can fill the room to the last byte.
      const COHORT = 15;
      const bare = await withTiers(0);
      const count = (65_535 - COHORT - SLOPE - bare.size) / (TIER + SLOPE);
      expect(Number.isInteger(count)).to.equal(true);
      for (const [more, found, most] of [
        [0, bare.size + COHORT + count * TIER, 24_531],
        [1, 65_535 + TIER + SLOPE, 65_535],
      ] as const) {
        const { factory, terms } = await withTiers(count + more);
        terms.cohorts.push(terms.cohorts[0]!);
        await expect(factory.addressOf(terms))
          .to.be.revertedWithCustomError(factory, "TermsTooLarge")
          .withArgs(found, most);
      }
    });

    it("by far more than an offset can name", async () => {
      const { factory, terms, size } = await withTiers(1_700);
      const room = size + payoff(terms).tiers.length * SLOPE;
      await expect(factory.addressOf(terms))
        .to.be.revertedWithCustomError(factory, "TermsTooLarge")
        .withArgs(room, 65_535);
    });
  });

  describe("nothing at its limits:", () => {
    const limits: readonly (readonly [string, (terms: SignedTerms) => void])[] = [
      ["16 parties", (t) => parties(t, 16)],
      ["64 clauses in a cohort", (t) => (t.clauses = Array.from({ length: 64 }, () => clause(t, 0)))],
      ["255 cohorts", (t) => t.cohorts.push(...Array.from({ length: 254 }, () => t.cohorts[0]!))],
      ["windows of 366 days", (t) => Object.assign(t.oracle, { challengeWindow: 366, ruleWithin: 366, grace: 366 })],
      ["a cohort of ten years", (t) => (t.cohorts[0]!.closes = 20360102)],
      ["due after 30 years", (t) => (clause(t).due = 10_958)],
      ["the largest amount", (t) => (payoff(t).pays = -MOST)],
      ["the lowest start", (t) => (payoff(t).tiers[0]!.atLeast = -MOST)],
      [
        "a wager in total of the largest amount, whose worst case no patient adds to",
        (t) => {
          t.cohorts[0]!.maxPatients = 2 ** 17;
          clause(t).kind = "wager in total";
          payoff(t).pays = MOST;
        },
      ],
      ["a single member named as a group", (t) => (t.oracle.authorisedBy = "payer")],
    ];
    for (const [title, stretch] of limits) {
      it(title, async () => {
        const { factory, terms } = await draft(SHEET);
        const stretched = structuredClone(terms);
        stretch(stretched);
        expect((await factory.pack(stretched)).length).to.be.greaterThan(2);
      });
    }
  });
});
