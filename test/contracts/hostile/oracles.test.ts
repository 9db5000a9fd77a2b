import { expect } from "chai";
import { concat, type BaseContract } from "ethers";

import { at, ethers, openAgreement, patients, type Stage } from "../support/agreement.ts";
import { endorsedBy, networkHelpers, operators, outsider, provider } from "../support/chain.ts";
import { HostileOracle__factory, type HostileOracle } from "../../../typechain-types/index.ts";
import { sheet, WITH_WINDOW } from "../support/sheet.ts";

const MODES = {
  Magic: 0,
  Refuse: 1,
  Revert: 2,
  EatGas: 3,
  Garbage: 4,
  Short: 5,
  Dirty: 6,
  Bomb: 7,
  Fickle: 8,
  EveryOtherDay: 9,
  Empty: 10,
};

/** An agreement whose oracle is a contract under the test's control, with ten patients due. */
async function hostile(source = sheet()): Promise<Stage & { hostile: HostileOracle }> {
  let oracle: (HostileOracle & BaseContract) | undefined;
  const stage = await openAgreement(source, {
    oracle: async () => {
      oracle = await ethers.deployContract("HostileOracle");
      return oracle.getAddress();
    },
  });
  await stage.fund(2_000_000n, 2_000_000n);
  await stage.enrol({ patients: 10 });
  await at("2026-04-01");
  return { ...stage, hostile: HostileOracle__factory.connect(await oracle!.getAddress(), stage.relayer) };
}

describe("An oracle", () => {
  it("given a single key, then its plain signature endorses, and nobody else's", async () => {
    const { agreement, fund, enrol } = await openAgreement(sheet(), {
      oracle: () => Promise.resolve(outsider.address),
    });
    await fund(2_000_000n);
    const byKey = (digest: string) => outsider.signingKey.sign(digest).serialized;
    await expect(
      enrol({}, { endorse: (digest) => operators[0]!.signingKey.sign(digest).serialized }),
    ).to.be.revertedWithCustomError(agreement, "NotEndorsed");
    await expect(enrol({}, { endorse: endorsedBy([outsider]) })).to.be.revertedWithCustomError(
      agreement,
      "NotEndorsed",
    );
    await enrol({}, { endorse: byKey });
  });

  it("given a wallet of one owner, then the owner's signature endorses", async () => {
    const { agreement, fund, enrol } = await openAgreement(sheet(), {
      oracle: async () => (await ethers.deployContract("Wallet1271", [outsider.address])).getAddress(),
    });
    await fund(2_000_000n);
    await expect(enrol()).to.be.revertedWithCustomError(agreement, "NotEndorsed");
    await enrol({}, { endorse: (digest) => outsider.signingKey.sign(digest).serialized });
  });

  for (const mode of ["Refuse", "Revert", "Garbage", "Short", "Dirty", "Empty"] as const) {
    it(`given it answers with ${mode}, then nothing is endorsed`, async () => {
      const { agreement, report, hostile: oracle } = await hostile();
      await oracle.setMode(MODES[mode]);
      await expect(report({ tallies: patients(0, 10) })).to.be.revertedWithCustomError(agreement, "NotEndorsed");
    });
  }

  it("given it eats all gas, then only its own report fails: silence still settles", async () => {
    const { agreement, forgeReport, hostile: oracle } = await hostile();
    await oracle.setMode(MODES.EatGas);
    const { message, endorsement } = await forgeReport({ tallies: patients(0, 10) });
    await expect(agreement.reportMilestone(message, endorsement, 1, { gasLimit: 5_000_000n })).to.revert(ethers);
    await at("2026-05-02");
    await expect(agreement.lapse(1, 0, 1))
      .to.emit(agreement, "Lapsed")
      .withArgs(1, 0, 10n, 300_000n, 0n);
  });

  it("given it answers yes with a flood of data, then that is its word, and the data is not kept", async () => {
    const { agreement, report, hostile: oracle } = await hostile();
    await oracle.setMode(MODES.Bomb);
    await expect(report({ tallies: patients(0, 10) })).to.emit(agreement, "MilestoneReported");
  });

  it("given it changes its mind, then what it endorsed once stands", async () => {
    const { agreement, report, forgeReport, hostile: oracle } = await hostile(sheet({ oracle: WITH_WINDOW }));
    await oracle.setMode(MODES.Fickle);
    if ((await ethers.provider.getBlockNumber()) % 2 === 0) await networkHelpers.mine();
    const { message } = await forgeReport({ tallies: patients(2, 8) });
    // The next block has an even number: no.
    await expect(report(message)).to.be.revertedWithCustomError(agreement, "NotEndorsed");
    if ((await ethers.provider.getBlockNumber()) % 2 === 1) await provider.request({ method: "evm_mine" });
    await report(message);
    await oracle.setMode(MODES.Refuse);
    await at("2026-04-09");
    await expect(agreement.settleMilestone(message)).to.emit(agreement, "Settled").withArgs(1, 0, 1, 10n, 120_000n);
  });

  it("given it says yes to everything, then it moves at most what is locked", async () => {
    const { agreement, report, hostile: oracle, books } = await hostile();
    await oracle.setMode(MODES.Magic);
    const [, maker] = await books();
    await report({ tallies: patients(10, 0) }, { endorse: () => "0x" });
    expect((await books())[1]).to.deep.equal([maker![0] - 600_000n, 0n]);
    await expect(report({ tallies: patients(1, 0) }, { endorse: () => "0x" })).to.be.revertedWithCustomError(
      agreement,
      "MorePatientsThanEnrolled",
    );
  });

  it("given it says yes on the day of a report and no ever after, then the report is ruled on, refused and settled without it", async () => {
    const {
      agreement,
      report,
      forgeReport,
      as,
      arbiter,
      hostile: oracle,
    } = await hostile(sheet({ oracle: WITH_WINDOW }));
    // 2026-04-01 is day 20,544: yes.
    await oracle.setMode(MODES.EveryOtherDay);
    const { message } = await forgeReport({ tallies: patients(2, 8) });
    await report(message);
    await at("2026-04-02");
    await as(1).challenge(1, 0, 1, 1);
    await expect(report({ tallies: patients(0, 0) })).to.be.revertedWithCustomError(agreement, "NotEndorsed");
    await expect(agreement.connect(arbiter).ruleMilestone(message, true)).to.emit(agreement, "Settled");
  });

  it("given its code is gone, then nothing is endorsed, and silence settles", async () => {
    const { agreement, report, hostile: oracle } = await hostile();
    await networkHelpers.setCode(await oracle.getAddress(), "0x");
    await expect(report({ tallies: patients(0, 10) })).to.be.revertedWithCustomError(agreement, "NotEndorsed");
    await at("2026-05-02");
    await expect(agreement.lapse(1, 0, 1)).to.emit(agreement, "Lapsed");
  });

  it("given other code stands at its address now, then that is the oracle, within what is locked", async () => {
    const { agreement, report, hostile: oracle } = await hostile();
    await oracle.setMode(MODES.Refuse);
    const accomplice = await ethers.deployContract("Accomplice");
    await networkHelpers.setCode(await oracle.getAddress(), await ethers.provider.getCode(accomplice));
    await expect(report({ tallies: patients(10, 0) }, { endorse: () => "0x" })).to.emit(agreement, "MilestoneReported");
    await expect(report({ tallies: patients(1, 0) }, { endorse: () => "0x" })).to.be.revertedWithCustomError(
      agreement,
      "MorePatientsThanEnrolled",
    );
  });

  describe("that is a key without code at first", () => {
    const byKey = (digest: string) => outsider.signingKey.sign(digest).serialized;

    async function delegated(mode: keyof typeof MODES) {
      const stage = await openAgreement(sheet(), { oracle: () => Promise.resolve(outsider.address) });
      await stage.fund(2_000_000n);
      const code: HostileOracle & BaseContract = await ethers.deployContract("HostileOracle");
      await networkHelpers.setCode(outsider.address, concat(["0xef0100", await code.getAddress()]));
      // Storage is the delegating account's own.
      await HostileOracle__factory.connect(outsider.address, stage.relayer).setMode(MODES[mode]);
      return stage;
    }

    it("given it delegates to code that refuses (EIP-7702), then its key still endorses", async () => {
      for (const mode of ["Refuse", "Revert", "EatGas"] as const) {
        const { agreement, enrol } = await delegated(mode);
        await expect(enrol({}, { endorse: byKey }), mode).to.emit(agreement, "Enrolled");
      }
    });

    it("given it delegates to code that says yes to everything, then so does the oracle: its key chose that", async () => {
      const { agreement, enrol } = await delegated("Magic");
      await expect(enrol({}, { endorse: () => "0x" })).to.emit(agreement, "Enrolled");
    });

    it("given it takes its delegation back, then only its key endorses", async () => {
      const { agreement, enrol } = await delegated("Magic");
      await networkHelpers.setCode(outsider.address, "0x");
      await expect(enrol({}, { endorse: () => "0x" })).to.be.revertedWithCustomError(agreement, "NotEndorsed");
      await enrol({}, { endorse: byKey });
    });
  });

  describe("that is nobody who can sign", () => {
    for (const [what, address] of [
      ["the identity precompile, whose echo begins with what it is asked", `0x${"00".repeat(19)}04`],
      ["the precompile that recovers keys", `0x${"00".repeat(19)}01`],
      ["an address without code or key", `0x${"de".repeat(20)}`],
    ] as const) {
      it(`given it is ${what}, then nothing is endorsed`, async () => {
        const { agreement, fund, enrol } = await openAgreement(sheet(), { oracle: () => Promise.resolve(address) });
        await fund(2_000_000n);
        for (const endorsement of ["0x", `0x${"00".repeat(65)}`, `0x1626ba7e${"00".repeat(61)}`]) {
          await expect(enrol({}, { endorse: () => endorsement })).to.be.revertedWithCustomError(
            agreement,
            "NotEndorsed",
          );
        }
      });
    }
  });

  it("given a report with too little gas for its answer, then the call fails as a whole and can be sent again", async () => {
    const { agreement, forgeReport, books } = await hostile();
    const { message, endorsement } = await forgeReport({ tallies: patients(2, 8) });
    const before = await books();
    const enough = await agreement.reportMilestone.estimateGas(message, endorsement, 1);
    for (let gasLimit = 35_000n; gasLimit < enough; gasLimit += 5_000n) {
      await agreement.reportMilestone.staticCall(message, endorsement, 1, { gasLimit }).then(
        () => expect.fail(`went through with ${gasLimit}`),
        () => undefined,
      );
    }
    expect(await books()).to.deep.equal(before);
    await expect(agreement.reportMilestone(message, endorsement, 1, { gasLimit: enough })).to.emit(
      agreement,
      "MilestoneReported",
    );
  });
});
