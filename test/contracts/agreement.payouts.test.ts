import { expect } from "chai";

import { at, ethers, openAgreement, patients } from "./support/agreement.ts";
import { AUTOMATIC, sheet } from "./support/sheet.ts";

/** Ten patients due today, both sides paid automatically. */
async function dueToday() {
  const stage = await openAgreement(sheet({ parties: AUTOMATIC }));
  await stage.fund(2_000_000n);
  await stage.enrol({ patients: 10 });
  await at("2026-04-01");
  return stage;
}

describe("An automatic payout", () => {
  it("given a single minor unit comes free, then it is sent", async () => {
    const { agreement, party, perform, books } = await dueToday();
    const before = await books();
    await expect(perform("agree", { patients: 1, total: 1n }))
      .to.emit(agreement, "PaidOut")
      .withArgs(0, party(0), 1n);
    expect((await books())[0]).to.deep.equal(before[0]);
  });

  it("given a token is missing, then nobody is paid out of the balance of a party that has no part in the call", async () => {
    const parties =
      "{ payer: [{ name: Fund, payout: automatic }], manufacturer: [{ name: Maker, payout: automatic }], provider: [{ name: Hospital }] }";
    const stage = await openAgreement(sheet({ parties }), {
      token: () => ethers.deployContract("RebasingToken", [2]),
    });
    const { agreement, token, address, party, report } = stage;
    await stage.fund(2_000_000n, 0n, 500n);
    await stage.enrol({ patients: 10 });
    await at("2026-04-01");
    await token.shrink(address, 1n);
    const sent = await report({ tallies: patients(2, 8) });
    await expect(sent).not.to.emit(agreement, "PaidOut");
    await expect(sent).to.emit(agreement, "PayoutFailed").withArgs(1, party(1), 480_000n);
  });

  it("given too little gas is left for it, then the refusal tells how much is, and how much it takes", async () => {
    const { agreement, forgeReport } = await dueToday();
    const { message, endorsement } = await forgeReport({ tallies: patients(2, 8) });
    const refusal = (gasLimit: bigint) =>
      agreement.reportMilestone.staticCall(message, endorsement, 1, { gasLimit }).then(
        () => null,
        ({ data }: { data?: unknown }) =>
          typeof data === "string" && data.length > 2 ? agreement.interface.parseError(data) : null,
      );
    // Half of what a payout needs at a step: none leaps over the calls whose gas ends just there.
    const STEP = 75_000n;
    let found = await refusal(STEP);
    for (let gas = 2n * STEP; found?.name !== "GasTooLow" && gas <= 60n * STEP; gas += STEP) found = await refusal(gas);
    expect(found?.name).to.equal("GasTooLow");
    const [left, needed] = found!.args as unknown as [bigint, bigint];
    // 150,000 for the token, the 64th that a call keeps back of what it has, and 5,000 for what comes before it.
    expect(needed).to.equal(150_000n + 2_380n + 5_000n);
    expect(left).to.be.lessThan(needed);
  });
});
