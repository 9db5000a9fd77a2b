import { expect } from "chai";
import { ZeroAddress } from "ethers";

import { at, openAgreement, patients } from "./support/agreement.ts";
import { chainId, dayOf, endorsedBy, ethers, outsider } from "./support/chain.ts";
import type { JointActs } from "../../terms/onchain/jointActs.ts";
import { sheet, WITH_WINDOW } from "./support/sheet.ts";

const OPENS = dayOf("2026-01-01");

async function enrolled(source = sheet()) {
  const stage = await openAgreement(source);
  await stage.fund(2_000_000n, 1_000_000n);
  await stage.enrol({ patients: 10 });
  return stage;
}

/** An act of each kind that is in order, once ten patients are enrolled. */
const KINDS: { [K in keyof JointActs]: Partial<JointActs[K]> } = {
  terminate: {},
  release: { movements: [{ from: 0, to: 1, amount: 5n }] },
  appoint: { oracle: outsider.address, arbiter: ZeroAddress },
  agree: { clause: 1, patients: 3, total: 100n },
};

describe("What all parties sign", () => {
  for (const kind of Object.keys(KINDS) as (keyof JointActs)[]) {
    describe(`to ${kind}`, () => {
      it("given every party's signature, then it is done, and its number is used up", async () => {
        const { agreement, perform } = await enrolled();
        await perform(kind, KINDS[kind]);
        expect(await agreement.jointActs()).to.equal(1n);
      });

      it("given its digest, then it is EIP-712's of the declared type", async () => {
        const { agreement, perform, forgeAct, party, stranger } = await enrolled();
        const { digest } = await forgeAct(kind, KINDS[kind]);
        await expect(perform(kind, KINDS[kind], { signers: [party(0), stranger] }))
          .to.be.revertedWithCustomError(agreement, "NotSigned")
          .withArgs(1, digest);
      });

      it("given it was done, when it is sent again, then its number is wrong", async () => {
        const { agreement, perform, forgeAct } = await enrolled();
        const { act } = await forgeAct(kind, KINDS[kind]);
        await perform(kind, act);
        await expect(perform(kind, act)).to.be.revertedWithCustomError(agreement, "WrongNumber").withArgs(1, 2);
        await expect(perform(kind, { ...act, number: 3 }))
          .to.be.revertedWithCustomError(agreement, "WrongNumber")
          .withArgs(3, 2);
      });

      it("given its last day, when that is over, then it is refused", async () => {
        const { agreement, perform } = await enrolled();
        await at("2026-01-03", -10);
        await perform(kind, { ...KINDS[kind], lastDay: OPENS + 1 });
        await at("2026-01-03");
        await expect(perform(kind, { ...KINDS[kind], lastDay: OPENS + 1 }))
          .to.be.revertedWithCustomError(agreement, "Expired")
          .withArgs(OPENS + 1, OPENS + 2);
      });

      it("given too few or too many signatures, then it is refused", async () => {
        const { agreement, perform, party, stranger } = await enrolled();
        for (const signers of [[], [party(0)], [party(0), party(1), stranger]]) {
          await expect(perform(kind, KINDS[kind], { signers }))
            .to.be.revertedWithCustomError(agreement, "WrongSignatureCount")
            .withArgs(signers.length, 2n);
        }
      });

      it("given another order, the same signer twice, another chain or another agreement, then it is refused", async () => {
        const { agreement, perform, party, relayer } = await enrolled();
        for (const signing of [
          { signers: [party(1), party(0)] },
          { signers: [party(1), party(1)] },
          { chainId: chainId + 1n },
          { address: relayer.address },
        ]) {
          await expect(perform(kind, KINDS[kind], signing))
            .to.be.revertedWithCustomError(agreement, "NotSigned")
            .withArgs(0, (value: unknown) => typeof value === "string");
        }
      });

      it("given several faults, then number comes before day, day before count, count before signatures", async () => {
        const { agreement, perform, stranger } = await enrolled();
        const late = { lastDay: OPENS - 1 };
        const refused = (overrides: object, signers: (typeof stranger)[], error: string) =>
          expect(perform(kind, { ...KINDS[kind], ...overrides }, { signers })).to.be.revertedWithCustomError(
            agreement,
            error,
          );
        await refused({ number: 2, ...late }, [], "WrongNumber");
        await refused(late, [], "Expired");
        await refused({}, [], "WrongSignatureCount");
        await refused({}, [stranger, stranger], "NotSigned");
      });
    });
  }

  it("given any field changed after signing, then no signature holds", async () => {
    const { agreement, forgeAct } = await enrolled();
    const compromise = await forgeAct("agree", KINDS.agree);
    for (const change of [{ clause: 0 }, { cohort: 0, patients: 4 }, { total: 101n }, { lastDay: OPENS + 8 }]) {
      const act = { ...compromise.act, ...change };
      await expect(
        agreement.agree(act, compromise.signatures),
        JSON.stringify(Object.keys(change)),
      ).to.be.revertedWithCustomError(agreement, "NotSigned");
    }
    const release = await forgeAct("release", KINDS.release);
    for (const change of [
      { movements: [] },
      { movements: [{ from: 1, to: 0, amount: 5n }] },
      { movements: [{ from: 0, to: 0, amount: 5n }] },
      { movements: [{ from: 0, to: 1, amount: 6n }] },
      { lastDay: OPENS + 8 },
    ]) {
      await expect(agreement.release({ ...release.act, ...change }, release.signatures)).to.be.revertedWithCustomError(
        agreement,
        "NotSigned",
      );
    }
    const appointment = await forgeAct("appoint", KINDS.appoint);
    for (const change of [{ oracle: ZeroAddress }, { arbiter: outsider.address }, { lastDay: OPENS + 8 }]) {
      await expect(
        agreement.appoint({ ...appointment.act, ...change }, appointment.signatures),
      ).to.be.revertedWithCustomError(agreement, "NotSigned");
    }
    const termination = await forgeAct("terminate");
    await expect(
      agreement.terminate({ ...termination.act, lastDay: OPENS + 8 }, termination.signatures),
    ).to.be.revertedWithCustomError(agreement, "NotSigned");
  });

  it("given one signature for two kinds of act, then each holds for its own only", async () => {
    const { agreement, forgeAct } = await enrolled();
    const { act, signatures } = await forgeAct("terminate");
    await expect(agreement.release({ ...act, movements: [] }, signatures)).to.be.revertedWithCustomError(
      agreement,
      "NotSigned",
    );
  });

  it("given an account handed over, when the parties act, then the new holder signs for it", async () => {
    const { agreement, as, perform, party, stranger } = await enrolled();
    await as(1).assign(1, stranger);
    await expect(perform("terminate")).to.be.revertedWithCustomError(agreement, "NotSigned");
    await perform("terminate", {}, { signers: [party(0), stranger] });
  });

  describe("termination", () => {
    it("ends enrolment in every cohort and lets the rest run off", async () => {
      const { agreement, perform, enrol, report } = await openTwoCohorts();
      await expect(perform("terminate")).to.emit(agreement, "Terminated").withArgs(1);
      expect(await agreement.terminated()).to.equal(true);
      for (const cohort of [0, 1]) {
        await expect(enrol({ cohort, patients: 1 })).to.be.revertedWithCustomError(agreement, "EnrolmentTerminated");
      }
      await at("2026-04-01");
      await report({ tallies: patients(0, 10) });
      expect((await agreement.clauseState(1, 0)).assessed).to.equal(10n);
    });

    async function openTwoCohorts() {
      const stage = await openAgreement(
        sheet({
          cohorts: `
  adults: { population: Adults, price: 1000, opens: 2026-01-01, closes: 2027-01-01, maxPatients: 100 }
  children: { population: Children, price: 1000, opens: 2026-01-01, closes: 2027-01-01, maxPatients: 100 }`,
        }),
      );
      await stage.fund(2_000_000n, 1_000_000n);
      await stage.enrol({ patients: 10 });
      return stage;
    }
  });

  describe("release", () => {
    it("moves free balance between accounts, in order", async () => {
      const { agreement, perform, books } = await enrolled();
      const movements = [
        { from: 0, to: 1, amount: 1_000_000n },
        { from: 1, to: 0, amount: 2_400_000n },
      ];
      await expect(perform("release", { movements }))
        .to.emit(agreement, "Released")
        .withArgs(1, [
          [0n, 1n, 1_000_000n],
          [1n, 0n, 2_400_000n],
        ]);
      expect(await books()).to.deep.equal([
        [2_400_000n, 0n],
        [600_000n, 600_000n],
      ]);
    });

    it("touches nothing that is locked", async () => {
      const { agreement, perform } = await enrolled();
      await expect(perform("release", { movements: [{ from: 1, to: 0, amount: 1_400_001n }] }))
        .to.be.revertedWithCustomError(agreement, "InsufficientEscrow")
        .withArgs(1, 2_000_000n, 2_000_001n);
    });

    it("knows its accounts", async () => {
      const { agreement, perform } = await enrolled();
      for (const [from, to, unknown] of [
        [0, 2, 2],
        [2, 0, 2],
        [255, 255, 255],
        [254, 0, 254],
      ] as const) {
        await expect(perform("release", { movements: [{ from, to, amount: 0n }] }))
          .to.be.revertedWithCustomError(agreement, "UnknownAccount")
          .withArgs(unknown);
      }
    });

    it("from an account to itself, changes nothing", async () => {
      const { perform, books } = await enrolled();
      const before = await books();
      await perform("release", { movements: [{ from: 0, to: 0, amount: 900_000n }] });
      expect(await books()).to.deep.equal(before);
    });

    it("gives tokens that belong to no account to one, and no more than there are", async () => {
      const { agreement, perform, token, address, books } = await enrolled();
      await token.mint(address, 700n);
      await expect(perform("release", { movements: [{ from: 255, to: 1, amount: 701n }] }))
        .to.be.revertedWithCustomError(agreement, "HeldBelowBalances")
        .withArgs(3_000_700n, 3_000_701n);
      await perform("release", { movements: [{ from: 255, to: 1, amount: 700n }] });
      expect((await books())[1]).to.deep.equal([2_000_700n, 600_000n]);
    });

    it("of tokens that belong to no account, counts what earlier movements took", async () => {
      const { agreement, perform, token, address } = await enrolled();
      await token.mint(address, 700n);
      const movements = [
        { from: 255, to: 1, amount: 400n },
        { from: 255, to: 0, amount: 400n },
      ];
      await expect(perform("release", { movements })).to.be.revertedWithCustomError(agreement, "HeldBelowBalances");
    });

    it("keeps the ledger within its range", async () => {
      const { agreement, perform, token, address } = await enrolled();
      await token.mint(address, 2n ** 120n);
      const most = 2n ** 120n - 1n - 3_000_000n;
      await expect(
        perform("release", { movements: [{ from: 255, to: 1, amount: most + 1n }] }),
      ).to.be.revertedWithCustomError(agreement, "LedgerFull");
      await perform("release", { movements: [{ from: 255, to: 1, amount: most }] });
    });
  });

  describe("appointment", () => {
    it("gives the oracle's role to another in every cohort, and leaves the arbiter", async () => {
      const { agreement, perform, enrol, committee, arbiter } = await enrolled(sheet({ oracle: WITH_WINDOW }));
      expect(await agreement.oracle()).to.equal(await committee.getAddress());
      await expect(perform("appoint", { oracle: outsider.address, arbiter: ZeroAddress }))
        .to.emit(agreement, "Appointed")
        .withArgs(1, outsider.address, ZeroAddress);
      expect(await agreement.oracle()).to.equal(outsider.address);
      expect(await agreement.arbiter()).to.equal(arbiter);
      await expect(enrol()).to.be.revertedWithCustomError(agreement, "NotEndorsed");
      const byKey = (digest: string) => outsider.signingKey.sign(digest).serialized;
      await expect(enrol({ patients: 1 }, { endorse: byKey })).to.emit(agreement, "Enrolled");
    });

    it("gives the arbiter's role to another, for reports challenged before too", async () => {
      const stage = await enrolled(sheet({ oracle: WITH_WINDOW }));
      const { agreement, perform, report, forgeReport, as, arbiter, stranger, committee } = stage;
      await at("2026-04-01");
      const { message } = await forgeReport({ tallies: patients(2, 8) });
      await report(message);
      await as(0).challenge(1, 0, 1, 0);
      await perform("appoint", { oracle: ZeroAddress, arbiter: stranger.address });
      expect(await agreement.oracle()).to.equal(await committee.getAddress());
      await expect(agreement.connect(arbiter).ruleMilestone(message, true))
        .to.be.revertedWithCustomError(agreement, "NotArbiter")
        .withArgs(arbiter);
      await agreement.connect(stranger).ruleMilestone(message, true);
    });

    it("keeps what was endorsed before", async () => {
      const { agreement, perform, report, forgeReport } = await enrolled(sheet({ oracle: WITH_WINDOW }));
      await at("2026-04-01");
      const { message } = await forgeReport({ tallies: patients(2, 8) });
      await report(message);
      await perform("appoint", { oracle: outsider.address, arbiter: ZeroAddress });
      await at("2026-04-09");
      await expect(agreement.settleMilestone(message)).to.emit(agreement, "Settled");
    });

    it("takes no party, nor the token, nor the agreement", async () => {
      const { agreement, perform, party, token, address } = await enrolled();
      for (const candidate of [party(0).address, party(1).address, await token.getAddress(), address]) {
        for (const appointment of [
          { oracle: candidate, arbiter: ZeroAddress },
          { oracle: ZeroAddress, arbiter: candidate },
        ]) {
          await expect(perform("appoint", appointment))
            .to.be.revertedWithCustomError(agreement, "InvalidHolder")
            .withArgs(candidate);
        }
      }
    });

    it("takes no one who holds an account by assignment, and again who held one before", async () => {
      const { agreement, as, perform, party, stranger } = await enrolled();
      await as(0).assign(0, stranger);
      const signers = [stranger, party(1)];
      await expect(
        perform("appoint", { oracle: stranger.address, arbiter: ZeroAddress }, { signers }),
      ).to.be.revertedWithCustomError(agreement, "InvalidHolder");
      await perform("appoint", { oracle: party(0).address, arbiter: ZeroAddress }, { signers });
    });

    it("moves to a new committee whose members' word then counts", async () => {
      const { agreement, perform, enrol } = await enrolled();
      const committee = await ethers.deployContract("OracleCommittee", [[outsider.address], 1]);
      await perform("appoint", { oracle: await committee.getAddress(), arbiter: ZeroAddress });
      await expect(enrol({ patients: 1 }, { endorse: endorsedBy([outsider]) })).to.emit(agreement, "Enrolled");
    });
  });
});
