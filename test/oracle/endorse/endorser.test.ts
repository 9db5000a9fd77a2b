import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { recoverAddress } from "ethers";

import { differentPatients, placedPatients } from "../../../oracle/endorse/difference.ts";
import { MAX_VALIDITY } from "../../../oracle/endorse/endorser.ts";
import { patientKey } from "../../../oracle/report/keys.ts";
import { PATIENTS, SECRET } from "../report/vectors.ts";
import { computing, milestone, nodeOf, requestFor, SIGNERS, STRANGER, TODAY } from "./fixture.ts";

const [first = STRANGER] = SIGNERS;

describe("an operator's endorsement", () => {
  it("is a signature of the digest when its own result is the same", async () => {
    const request = requestFor(milestone().content);
    const reply = await (await nodeOf(first)).endorser.endorse(request);
    if (reply.status !== "endorsed") throw new Error(reply.status);
    expect(reply.signer).to.equal(first.address);
    expect(recoverAddress(request.digest, reply.signature)).to.equal(first.address);
  });

  it("is refused with the tallies and patients that differ when its result differs", async () => {
    const proposed = milestone();
    const node = await nodeOf(first, computing({ P3: 40n }));
    const reply = await node.endorser.endorse(requestFor(proposed.content));
    if (reply.status !== "different") throw new Error(reply.status);
    expect(reply.difference.fields.map(({ field }) => field)).to.deep.equal(["root"]);
    expect(reply.difference.tiers).to.deep.equal([
      { tier: 0, proposed: { patients: 1, sum: "0" }, computed: { patients: 2, sum: "0" } },
      { tier: 1, proposed: { patients: 2, sum: "270" }, computed: { patients: 1, sum: "150" } },
    ]);
    const key = patientKey(SECRET, PATIENTS[2] ?? { system: "", value: "" });
    expect(differentPatients(placedPatients(proposed.leaves), reply.difference.patients)).to.deep.equal([
      { patientKey: key, proposed: { tier: 1, value: "120" }, computed: { tier: 0, value: "40" } },
    ]);
  });

  it("is refused when the digest is not the message's", async () => {
    const request = { ...requestFor(milestone().content), digest: requestFor(milestone({ P1: 1n }).content).digest };
    expect((await (await nodeOf(first)).endorser.endorse(request)).status).to.equal("declined");
  });

  it("is given once for a place until the first content's last day is over", async () => {
    const node = await nodeOf(first);
    const one = requestFor(milestone().content);
    const other = requestFor(milestone({}, { lastDay: TODAY + 3 }).content);
    expect((await node.endorser.endorse(one)).status).to.equal("endorsed");
    expect((await node.endorser.endorse(one)).status).to.equal("endorsed");
    const taken = await node.endorser.endorse(other);
    if (taken.status !== "taken") throw new Error(taken.status);
    expect(taken.by).to.deep.equal(one);
    expect((await node.endorser.endorseOwn(other)).status).to.equal("taken");
    node.clock.today = TODAY + 1;
    expect((await node.endorser.endorse(other)).status).to.equal("taken");
    node.clock.today = TODAY + 2;
    expect((await node.endorser.endorse(other)).status).to.equal("endorsed");
    expect((await node.endorser.endorse(one)).status).to.equal("declined");
  });

  it("is remembered over a restart", async () => {
    const folder = mkdtempSync(join(tmpdir(), "operator-"));
    const path = join(folder, "store.sqlite");
    try {
      const before = await nodeOf(first, computing(), path);
      expect((await before.endorser.endorse(requestFor(milestone().content))).status).to.equal("endorsed");
      await before.database.close();
      const after = await nodeOf(first, computing({ P1: 5n }), path);
      const reply = await after.endorser.endorse(requestFor(milestone({ P1: 5n }).content));
      expect(reply.status).to.equal("taken");
      await after.database.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("is refused for a last day that is over or too far ahead", async () => {
    const node = await nodeOf(first);
    for (const lastDay of [TODAY - 1, TODAY + MAX_VALIDITY + 1]) {
      expect((await node.endorser.endorse(requestFor(milestone({}, { lastDay }).content))).status).to.equal("declined");
    }
  });
});
