import { expect } from "chai";
import { id, solidityPackedKeccak256, type ContractTransactionResponse } from "ethers";
import hre from "hardhat";
import { readFile, writeFile } from "node:fs/promises";

import type { Hex } from "../../../oracle/report/bytes.ts";
import type { SignedClause, SignedTerms } from "../../../terms/onchain/compile.ts";
import { at, ethers, openAgreement, patients, today, type Stage } from "../support/agreement.ts";
import { dayOf, networkHelpers } from "../support/chain.ts";
import { draft } from "../support/draft.ts";
import { itMeasures } from "../support/itMeasures.ts";
import { keyOf, refutation } from "../support/refutation.ts";
import { sheet } from "../support/sheet.ts";
import {
  byCrowd,
  CROWD,
  MOST_GAS,
  MOST_PATIENTS,
  openCrowd,
  openExtreme,
  WIDE,
  type Extreme,
} from "./support/extremes.ts";
import { batchWord, cohortWord, setMapped } from "./support/storage.ts";

/** Its table of gas is checked here, and written anew with UPDATE_SNAPSHOTS=1. */
const README = new URL("README.md", import.meta.url);
/** Per cent that a measurement may differ from the table. */
const TOLERANCE = 5n;

/** EIP-170 and EIP-3860: bytes of code, and of what creates it. */
const MOST_CODE = 24_576;
const MOST_INIT_CODE = 2 * MOST_CODE;

const CAP = { gasLimit: MOST_GAS };
/** Fits every worst case of these tests. */
const PLENTY = 10n ** 15n;
const RICH = Array.from({ length: 16 }, () => PLENTY);

const found = new Map<string, bigint>();

/** The transaction that created an agreement. */
async function creationOf({ factory, address }: Pick<Stage, "factory" | "address">) {
  const [event] = await factory.queryFilter(factory.filters.AgreementCreated(address));
  return (await ethers.provider.getTransaction(event!.transactionHash)) as ContractTransactionResponse;
}

/** Notes what a call used, and that one transaction could pay for it. */
async function measure(name: string, sending: Promise<ContractTransactionResponse>): Promise<void> {
  const used = (await (await sending).wait())!.gasUsed;
  expect(used, name).to.be.at.most(MOST_GAS);
  found.set(name, used);
}

/** Everybody whom a report can reach is enrolled, in one batch, with leaves that a test may name. */
async function opened(extreme: Extreme, count: number, root = id("root") as Hex) {
  const stage = await openExtreme(extreme);
  await stage.fund(...RICH);
  const enrolment = await stage.forgeEnrolment({ patients: count, root });
  return { ...stage, enrolment };
}

/** Tallies of as many tiers as the milestone has, each with its part of the patients, so that all accounts are paid. */
function talliesOf(tiers: number, count: number) {
  const each = Math.floor(count / 2 / tiers);
  return patients(count - each * tiers, ...Array.from({ length: tiers }, () => each));
}

const WINDOW = "{ reportWithin: 30d, challengeWindow: 7d, challengeBond: 1, arbiter: Board, ruleWithin: 10d }";

/** One leaf of a tree of which nothing else is known, at a place on whose way up every level has a sibling. */
function deepLeaf(position: number, depth: number, tier: number) {
  return {
    position,
    tier,
    patientKey: keyOf(position + 1),
    batch: 1,
    value: 0n,
    runningSum: 0n,
    blind: id(`blind ${position}`) as Hex,
    siblings: Array.from({ length: depth }, (_, i) => id(`sibling ${position} ${i}`)),
  };
}

type Deep = ReturnType<typeof deepLeaf>;

const hashLeaf = (leaf: Deep): string =>
  solidityPackedKeccak256(
    ["uint8", "uint8", "bytes32", "uint32", "int128", "int128", "bytes32"],
    [0, leaf.tier, leaf.patientKey, leaf.batch, leaf.value, leaf.runningSum, leaf.blind],
  );

/** What stands above a leaf after the given siblings. */
function climb(leaf: Deep, siblings: readonly string[]): string {
  let [node, position] = [hashLeaf(leaf), leaf.position];
  for (const sibling of siblings) {
    const pair = position % 2 === 1 ? [sibling, node] : [node, sibling];
    node = solidityPackedKeccak256(["uint8", "bytes32", "bytes32"], [1, ...pair]);
    position = Math.floor(position / 2);
  }
  return node;
}

const seal = (leaves: number, top: string): Hex =>
  solidityPackedKeccak256(["uint8", "uint32", "bytes32"], [2, leaves, top]) as Hex;

/** Two neighbours in the middle of the largest tree, which meet at its top. */
function twoInTheMiddle(tier: number): { root: Hex; shown: Deep[] } {
  const middle = 2 ** 31;
  const [left, right] = [deepLeaf(middle - 1, 32, tier), deepLeaf(middle, 32, tier)];
  // The later key in front: they do not ascend.
  [left.patientKey, right.patientKey] = [right.patientKey, left.patientKey];
  const tops = [climb(left, left.siblings.slice(0, 31)), climb(right, right.siblings.slice(0, 31))] as const;
  left.siblings[31] = tops[1];
  right.siblings[31] = tops[0];
  const root = seal(Number(MOST_PATIENTS), climb(left, left.siblings));
  return { root, shown: [left, right] };
}

describe("Limits", () => {
  for (const name of ["OutcomeAgreement", "AgreementFactory", "OracleCommittee", "Refuter", "TokenisedDeposit"]) {
    itMeasures(`${name} fits a contract's code, and a transaction that creates it`, async () => {
      const factory = await ethers.getContractFactory(name);
      const { deployedBytecode } = await hre.artifacts.readArtifact(name);
      expect(deployedBytecode.length / 2 - 1).to.be.at.most(MOST_CODE);
      // Arguments follow the init code; those of a committee are its creator's to bound.
      expect(factory.bytecode.length / 2 - 1).to.be.at.most(MOST_INIT_CODE);
    });
  }

  describe("at the largest terms that the code has room for", () => {
    itMeasures("create fits a transaction: one payoff of most tiers, and 255 cohorts", async () => {
      const tall = await openExtreme({});
      const size = (await tall.agreement.packedTerms()).length / 2 - 1;
      expect(size).to.be.within(24_531 - 23, 24_531);
      await measure("create, most tiers", creationOf(tall));
      expect(tall.terms.clauses[1]!.payoffs[0]!.tiers.length).to.be.greaterThan(960);

      const many = await openAgreement(sheet({ parties: CROWD }), { stretch: manyCohorts, byKey: true });
      await measure("create, most cohorts", creationOf(many));
    });

    itMeasures("create of more one-payoff clauses than a transaction pays for is refused by gas alone", async () => {
      const withClauses = async (count: number) => {
        const drafted = await draft(sheet(), {
          byKey: true,
          stretch: (terms) => {
            const [, refund] = terms.clauses as [SignedClause, SignedClause];
            refund.payoffs[0]!.tiers = [];
            terms.cohorts = Array.from({ length: 7 }, (_, i) => ({ ...terms.cohorts[0]!, id: `${i}` }));
            terms.clauses = Array.from({ length: count }, (_, i) => ({
              ...refund,
              id: `${i}`,
              payoffs: [{ ...refund.payoffs[0]!, cohort: i % 7 }],
            }));
          },
        });
        return { ...drafted, signatures: await drafted.sign() };
      };
      const fits = await withClauses(320);
      await measure("create, 320 clauses", fits.factory.create(fits.terms, fits.legal, fits.signatures, CAP));
      const { factory, terms, legal, signatures } = await withClauses(385);
      expect((await factory.pack(terms)).length / 2 - 1).to.be.at.most(24_531);
      await expect(factory.create(terms, legal, signatures, CAP)).to.revert(ethers);
    });

    itMeasures("a cohort of 64 clauses is enrolled, lapses, is compromised on and settles on outlay", async () => {
      const stage = await opened({ wide: true }, 4_000_000);
      const { agreement, enrolment, party, as, token, relayer, address, forgeAct } = stage;
      const { message, endorsement, authorisation } = enrolment;
      await measure("enrol", agreement.enrol(message, endorsement, authorisation, CAP));
      await token.mint(relayer, 10n);
      await token.approve(address, 10n);
      await measure("deposit", agreement.deposit(15, 5n, CAP));
      const permitless = [10n ** 10n, 27, id("r"), id("s")] as const;
      await measure("depositWithPermit", agreement.depositWithPermit(15, 5n, ...permitless, CAP));
      await token.setMarked(party(15), false);
      await measure("withdraw", as(15).withdraw(15, 1n, party(15), CAP));
      await token.setMarked(party(15), true);
      const compromise = await forgeAct("agree", { clause: WIDE.refund, patients: 1_000_000, total: 1_000_000n });
      await measure("agree", agreement.agree(compromise.act, compromise.signatures, CAP));
      await at("2026-05-01");
      await farInTheBatches(stage, 4_000_000n);
      await measure("lapse, a milestone of 4 billion batches, hint wrong", agreement.lapse(WIDE.refund, 0, 1n, CAP));
      const score = await stage.forgeWager({ clause: WIDE.score, value: 0n });
      await measure("reportWager", agreement.reportWager(score.message, score.endorsement, CAP));
      for (let clause = 0; clause < WIDE.treatment; clause++) await agreement.lapse(clause, 0, 1n, CAP);
      await measure("settleClause on outlay", agreement.settleClause(WIDE.outlay, 0, 1n, CAP));
      await measure("assign", as(15).assign(15, stage.stranger, CAP));
    });

    itMeasures("a milestone of most tiers is reported by a committee of 255, all of whom sign", async () => {
      const stage = await opened({}, Number(MOST_PATIENTS));
      const { agreement, enrolment, forgeReport, terms } = stage;
      await agreement.enrol(enrolment.message, enrolment.endorsement, enrolment.authorisation, CAP);
      await at("2026-03-15");
      await farInTheBatches(stage, MOST_PATIENTS);
      const committee = await openCrowd();
      await measure("a committee of 255, created", Promise.resolve(committee.deploymentTransaction()!));
      await stage.perform("appoint", { oracle: await committee.getAddress() });
      const tallies = talliesOf(terms.clauses[1]!.payoffs[0]!.tiers.length, Number(MOST_PATIENTS));
      const { message, endorsement } = await forgeReport({ tallies }, { endorse: byCrowd });
      const sending = agreement.reportMilestone(message, endorsement, 0n, CAP);
      await measure("reportMilestone", sending);
      await expect(sending)
        .to.emit(agreement, "PayoutFailed")
        .withArgs(15, stage.party(15), (n: bigint) => n > 0n);
    });

    itMeasures(
      "a report of most tiers and patients settles, is ruled on, and is refuted by the deepest proofs",
      async () => {
        const half = 2 ** 31;
        const stage = await opened({ oracle: WINDOW }, Number(MOST_PATIENTS));
        const { agreement, enrolment, forgeReport, terms, as, arbiter } = stage;
        await agreement.enrol(enrolment.message, enrolment.endorsement, enrolment.authorisation, CAP);
        await at("2026-03-15");
        const tiers = terms.clauses[1]!.payoffs[0]!.tiers.length;

        const deep = twoInTheMiddle(0);
        const all = await forgeReport({ tallies: talliesOf(tiers, Number(MOST_PATIENTS)), root: deep.root });
        await agreement.reportMilestone(all.message, all.endorsement, 1n, CAP);
        await measure("challenge", as(15).challenge(1, 0, 1, 15, CAP));
        const order = refutation("Order", { shown: deep.shown });
        await measure("refuteMilestone, order", agreement.refuteMilestone(all.message, order, CAP));

        // Two reports with one patient in both: each has half of them.
        const leaf = deepLeaf(0, 31, 0);
        const root = (leaves: number) => seal(leaves, climb(leaf, leaf.siblings));
        const first = await forgeReport({ tallies: talliesOf(tiers, half), root: root(half) });
        await agreement.reportMilestone(first.message, first.endorsement, 1n, CAP);
        const second = await forgeReport({ tallies: talliesOf(tiers, half - 1), root: root(half - 1) });
        await agreement.reportMilestone(second.message, second.endorsement, 1n, CAP);
        const twice = refutation("TwiceInClause", { shown: [leaf, leaf], earlier: [first.message] });
        await measure("refuteMilestone, twice in the clause", agreement.refuteMilestone(second.message, twice, CAP));

        const third = await forgeReport({ tallies: talliesOf(tiers, half - 1) });
        await agreement.reportMilestone(third.message, third.endorsement, 1n, CAP);
        await as(15).challenge(1, 0, third.message.number, 15);
        const ruling = agreement.connect(arbiter).ruleMilestone(third.message, true, CAP);
        await measure("ruleMilestone", ruling);
        await at("2026-03-25");
        await measure("settleMilestone", agreement.settleMilestone(first.message, CAP));
      },
    );

    itMeasures("a wager is settled, ruled on and refuted", async () => {
      const { root, shown } = twoInTheMiddle(0);
      const stage = await opened({ wide: true, oracle: WINDOW }, 4_000_000);
      const { agreement, enrolment, as, arbiter, forgeWager } = stage;
      await agreement.enrol(enrolment.message, enrolment.endorsement, enrolment.authorisation, CAP);
      await at("2026-05-01");
      await setMapped(
        stage.address,
        [0n],
        cohortWord(MOST_PATIENTS, 1n, BigInt(enrolment.message.indexedDay)),
        async () => (await agreement.cohortState(0)).patients === MOST_PATIENTS,
      );
      const file = async (overrides: Partial<Parameters<typeof forgeWager>[0]> = {}) => {
        const forged = await forgeWager({ clause: WIDE.score, ...overrides });
        await agreement.reportWager(forged.message, forged.endorsement, CAP);
        return forged.message;
      };
      const wrong = await file({ root });
      await measure("refuteWager", agreement.refuteWager(wrong, refutation("Order", { shown }), CAP));
      await setMapped(
        stage.address,
        [0n],
        cohortWord(4_000_000n, 1n, BigInt(enrolment.message.indexedDay)),
        async () => (await agreement.cohortState(0)).patients === 4_000_000n,
      );
      const ruled = await file();
      await as(15).challenge(WIDE.score, 0, ruled.number, 15);
      const challenged = await networkHelpers.takeSnapshot();
      await measure("ruleWager", agreement.connect(arbiter).ruleWager(ruled, true, CAP));
      await challenged.restore();
      await at("2026-05-13");
      await measure("settleWager", agreement.settleWager(ruled, CAP));
    });

    itMeasures("what sixteen parties sign reaches 255 cohorts, and a thousand movements", async () => {
      const stage = await openAgreement(sheet({ parties: CROWD }), { stretch: manyCohorts, byKey: true });
      const { agreement, forgeAct, fund } = stage;
      const appointment = await forgeAct("appoint");
      const untouched = await networkHelpers.takeSnapshot();
      await measure("appoint", agreement.appoint(appointment.act, appointment.signatures, CAP));
      await untouched.restore();
      const termination = await forgeAct("terminate");
      await measure("terminate", agreement.terminate(termination.act, termination.signatures, CAP));
      await fund(...RICH);
      const movements = Array.from({ length: 1_000 }, (_, i) => ({ from: i % 16, to: (i + 1) % 16, amount: 1n }));
      const release = await forgeAct("release", { movements });
      await measure("release, 1,000 movements", agreement.release(release.act, release.signatures, CAP));
    });
  });

  // A suite's own tests come before those of the suites within it.
  describe("all measured", () => {
    itMeasures("are what the table in the README says, within five per cent", async () => {
      let text = await readFile(README, "utf8");
      const row = (call: string) =>
        new RegExp(`^(\\| ${call.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")} +\\| *)([\\d,]+)`, "m");
      for (const [call, gas] of found) {
        if (process.env.UPDATE_SNAPSHOTS === "1") text = text.replace(row(call), `$1${gas.toLocaleString("en")}`);
        const said = BigInt(row(call).exec(text)?.[2]?.replaceAll(",", "") ?? 0);
        const difference = gas > said ? gas - said : said - gas;
        expect(difference * 100n, `${call}: ${gas}, README ${said}`).to.be.at.most(said * TOLERANCE);
      }
      if (process.env.UPDATE_SNAPSHOTS === "1") await writeFile(README, text);
    });
  });
});

/** 255 cohorts, and as many clauses as find room. */
function manyCohorts(terms: SignedTerms): void {
  const refund = terms.clauses[1]!;
  refund.payoffs[0]!.tiers = [];
  terms.cohorts = Array.from({ length: 255 }, (_, i) => ({ ...terms.cohorts[0]!, id: `${i}` }));
  const payoffs = terms.cohorts.map((_, cohort) => ({ ...refund.payoffs[0]!, cohort }));
  const rest = Array.from({ length: 60 }, (_, i) => ({ ...refund, id: `${i}`, payoffs: [payoffs[i]!] }));
  terms.clauses = [{ ...refund, payoffs }, ...rest];
}

/** As if the cohort's patients had come in 4 billion batches, of which all but the last are empty. */
async function farInTheBatches(
  { address, agreement }: Pick<Awaited<ReturnType<typeof opened>>, "address" | "agreement">,
  cumulative: bigint,
): Promise<void> {
  const day = BigInt(dayOf("2026-01-01"));
  const last = MOST_PATIENTS;
  await setMapped(
    address,
    [0n],
    cohortWord((await agreement.cohortState(0)).patients, last, day),
    async () => (await agreement.cohortState(0)).number === last,
  );
  await setMapped(
    address,
    [0n, last],
    batchWord(day, cumulative),
    async () => (await agreement.batchOf(0, last)).cumulative === cumulative,
  );
  expect((await agreement.dueBatches(0, await today())).batches).to.equal(last);
}
