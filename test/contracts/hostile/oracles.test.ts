import { expect } from "chai";
import type { BaseContract } from "ethers";

import { at, ethers, openAgreement, patients, type Stage } from "../support/agreement.ts";
import { endorsedBy, networkHelpers, operators, outsider, provider } from "../support/chain.ts";
import { HostileOracle__factory, type HostileOracle } from "../../../typechain-types/index.js";
import { sheet, WITH_WINDOW } from "../support/sheet.ts";

const MODES = { Magic: 0, Refuse: 1, Revert: 2, EatGas: 3, Garbage: 4, Short: 5, Dirty: 6, Bomb: 7, Fickle: 8 };

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

  for (const mode of ["Refuse", "Revert", "Garbage", "Short", "Dirty"] as const) {
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
});
