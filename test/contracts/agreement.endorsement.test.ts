import { expect } from "chai";
import { ZeroAddress } from "ethers";

import type { Hex } from "../../oracle/report/bytes.ts";
import { at, openAgreement, patients, type Signing } from "./support/agreement.ts";
import { chainId, endorsedBy, operators, outsider } from "./support/chain.ts";
import { encodeMultiSignature, inCommitteeOrder } from "./support/multiSignature.ts";
import { sheet } from "./support/sheet.ts";

const SHEET = sheet({
  clauses: `
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100% }
  refund: { type: milestone, metric: alive, due: 90d, from: manufacturer, to: payer, pays: [{ pays: 60% }, { atLeast: 1, pays: 0 }], notEvaluable: 30% }
  survival: { type: wager, metric: survival, due: 90d, from: payer, to: manufacturer, pays: [{ pays: -200 }, { atLeast: 80%, pays: 100 }], notEvaluable: -50 }`,
});

const OTHER_ROOT: Hex = `0x${"11".repeat(32)}`;

/** Ten patients; refund and survival are due. */
async function dueToday() {
  const stage = await openAgreement(SHEET);
  await stage.fund(2_000_000n, 2_000_000n);
  await stage.enrol({ patients: 10 });
  await at("2027-04-01");
  return stage;
}

/** One signature a member, over what is handed in. */
const parts = (digest: string, keys = operators) =>
  keys.map((key) => ({ signer: key.address, signature: key.signingKey.sign(digest).serialized }));

/** Endorsements that are none, each over the right message. */
const WRONG: Record<string, (digest: string) => string> = {
  nothing: () => "0x",
  "two members": endorsedBy(operators.slice(0, 2)),
  "two members and an outsider": endorsedBy([...operators.slice(0, 2), outsider]),
  "one member three times": (digest) => {
    const [one] = parts(digest);
    return encodeMultiSignature([one!, one!, one!]);
  },
  "three members out of order": (digest) =>
    encodeMultiSignature(inCommitteeOrder(parts(digest).slice(0, 3)).toReversed()),
  "three members, one over another message": (digest) => {
    const [a, b, c] = inCommitteeOrder(parts(digest).slice(0, 3));
    const [other] = parts(OTHER_ROOT, [operators.find(({ address }) => address === c!.signer)!]);
    return encodeMultiSignature([a!, b!, other!]);
  },
  "one member's plain signature": (digest) => operators[0]!.signingKey.sign(digest).serialized,
};

describe("An oracle's endorsement", () => {
  for (const [what, endorse] of Object.entries(WRONG)) {
    it(`given ${what}, then no message of any kind is taken`, async () => {
      const { agreement, report, reportWager } = await dueToday();
      const refused = (call: Promise<unknown>) => expect(call).to.be.revertedWithCustomError(agreement, "NotEndorsed");
      await refused(report({ tallies: patients(0, 10) }, { endorse }));
      await refused(reportWager({ clause: 2 }, { endorse }));
      const fresh = await openAgreement(SHEET);
      await expect(fresh.enrol({ patients: 0 }, { endorse })).to.be.revertedWithCustomError(agreement, "NotEndorsed");
    });
  }

  it("given four or five members, then it holds like three", async () => {
    const { agreement, report } = await dueToday();
    await report({ tallies: patients(0, 1) }, { endorse: endorsedBy(operators.slice(1)) });
    await report({ tallies: patients(0, 1) }, { endorse: endorsedBy(operators) });
    expect((await agreement.clauseState(1, 0)).assessed).to.equal(2n);
  });

  for (const [what, signing] of Object.entries<Signing>({
    "another chain": { chainId: chainId + 1n },
    "another agreement": { address: ZeroAddress },
  })) {
    it(`given it is for ${what}, then no message of any kind is taken`, async () => {
      const { agreement, forgeReport, forgeWager, forgeEnrolment } = await openAgreement(SHEET);
      const enrolment = await forgeEnrolment();
      const elsewhere = await forgeEnrolment({}, signing);
      await expect(agreement.enrol(enrolment.message, elsewhere.endorsement, "0x"))
        .to.be.revertedWithCustomError(agreement, "NotEndorsed")
        .withArgs(enrolment.digest);
      await at("2027-04-01");
      const report = await forgeReport();
      await expect(agreement.reportMilestone(report.message, (await forgeReport({}, signing)).endorsement, 0))
        .to.be.revertedWithCustomError(agreement, "NotEndorsed")
        .withArgs(report.digest);
      const wager = await forgeWager({ clause: 2 });
      await expect(agreement.reportWager(wager.message, (await forgeWager({ clause: 2 }, signing)).endorsement))
        .to.be.revertedWithCustomError(agreement, "NotEndorsed")
        .withArgs(wager.digest);
    });
  }

  it("given the same terms under another nonce, then a message of the one is not taken by the other", async () => {
    const first = await openAgreement(SHEET);
    const { message, endorsement } = await first.forgeEnrolment();
    const second = await openAgreement(`nonce: 1\n${SHEET}`);
    expect(second.address).not.to.equal(first.address);
    await expect(second.agreement.enrol(message, endorsement, "0x")).to.be.revertedWithCustomError(
      second.agreement,
      "NotEndorsed",
    );
  });

  describe("given any field changed after signing, then it does not hold:", () => {
    for (const change of [
      { cohort: 1 },
      { number: 2 },
      { patients: 11 },
      { indexedDay: 0 },
      { root: OTHER_ROOT },
      { lastDay: 40_000 },
    ]) {
      it(`an enrolment's ${Object.keys(change).join()}`, async () => {
        const { agreement, forgeEnrolment } = await openAgreement(SHEET);
        const genuine = await forgeEnrolment();
        const { endorsement } = await forgeEnrolment({ ...genuine.message, ...change });
        await expect(agreement.enrol(genuine.message, endorsement, "0x"))
          .to.be.revertedWithCustomError(agreement, "NotEndorsed")
          .withArgs(genuine.digest);
      });
    }

    for (const change of [
      { clause: 2 },
      { cohort: 1 },
      { number: 2 },
      { asOfDay: 0 },
      { tallies: patients(1, 9) },
      { tallies: [...patients(0, 10), ...patients(0)] },
      { tallies: [{ patients: 0, sum: 1n }, ...patients(10)] },
      { notEvaluable: 1 },
      { root: OTHER_ROOT },
      { lastDay: 40_000 },
    ]) {
      it(`a milestone report's ${Object.keys(change).join()} ${JSON.stringify(Object.values(change), (_, v: unknown) => (typeof v === "bigint" ? Number(v) : v))}`, async () => {
        const { agreement, forgeReport } = await dueToday();
        const genuine = await forgeReport({ tallies: patients(0, 10) });
        const { endorsement } = await forgeReport({ ...genuine.message, ...change });
        await expect(agreement.reportMilestone(genuine.message, endorsement, 1))
          .to.be.revertedWithCustomError(agreement, "NotEndorsed")
          .withArgs(genuine.digest);
      });
    }

    for (const change of [
      { clause: 1 },
      { cohort: 1 },
      { number: 2 },
      { asOfDay: 0 },
      { evaluable: false },
      { value: -850_000n },
      { root: OTHER_ROOT },
      { lastDay: 40_000 },
    ]) {
      it(`a wager report's ${Object.keys(change).join()}`, async () => {
        const { agreement, forgeWager } = await dueToday();
        const genuine = await forgeWager({ clause: 2, value: 850_000n });
        const { endorsement } = await forgeWager({ ...genuine.message, ...change });
        await expect(agreement.reportWager(genuine.message, endorsement))
          .to.be.revertedWithCustomError(agreement, "NotEndorsed")
          .withArgs(genuine.digest);
      });
    }
  });

  it("given a message was taken, when it is sent again, then its number is used up", async () => {
    const { agreement, forgeReport, forgeEnrolment } = await openAgreement(SHEET).then(async (stage) => {
      await stage.fund(2_000_000n, 2_000_000n);
      return stage;
    });
    const enrolment = await forgeEnrolment({ lastDay: 40_000 });
    await agreement.enrol(enrolment.message, enrolment.endorsement, "0x");
    await expect(agreement.enrol(enrolment.message, enrolment.endorsement, "0x"))
      .to.be.revertedWithCustomError(agreement, "WrongNumber")
      .withArgs(1, 2);
    await at("2026-04-01");
    const report = await forgeReport({ tallies: patients(0, 3) });
    await agreement.reportMilestone(report.message, report.endorsement, 1);
    await expect(agreement.reportMilestone(report.message, report.endorsement, 1))
      .to.be.revertedWithCustomError(agreement, "WrongNumber")
      .withArgs(1, 2);
  });

  it("given two reports, when the second arrives first, then it waits for its turn", async () => {
    const { agreement, forgeReport } = await dueToday();
    const first = await forgeReport({ tallies: patients(0, 3) });
    const second = await forgeReport({ number: 2, tallies: patients(1, 0) });
    await expect(agreement.reportMilestone(second.message, second.endorsement, 1))
      .to.be.revertedWithCustomError(agreement, "WrongNumber")
      .withArgs(2, 1);
    await agreement.reportMilestone(first.message, first.endorsement, 1);
    await agreement.reportMilestone(second.message, second.endorsement, 1);
  });

  it("given its last day, then it counts to midnight and no longer", async () => {
    const { agreement, forgeReport } = await dueToday();
    const { message, endorsement } = await forgeReport({ tallies: patients(0, 3) });
    await at("2027-04-09");
    await expect(agreement.reportMilestone(message, endorsement, 1))
      .to.be.revertedWithCustomError(agreement, "Expired")
      .withArgs(message.lastDay, message.lastDay + 1);
    const late = await forgeReport({ tallies: patients(0, 3), lastDay: message.lastDay + 1 });
    await at("2027-04-10", -10);
    await agreement.reportMilestone(late.message, late.endorsement, 1);
  });
});
