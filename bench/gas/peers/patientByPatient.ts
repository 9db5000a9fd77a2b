/** The best batch that settles patient by patient: one slot and one transfer each. */

import { AbiCoder, id, keccak256, toBeHex } from "ethers";

import { AT_RISK } from "../../../test/contracts/gas.life.ts";
import { chainId } from "../../../test/contracts/support/chain.ts";
import { FORTUNE, makeBed, members, pieces, quorum } from "../bed.ts";
import { own } from "../compile.ts";
import { mustBePaid, partsOf, payUpfront } from "../money.ts";
import type { Peer } from "../peer.ts";

/** What fits into one transaction. */
const BATCH = 600;

export const patientByPatient: Peer = {
  name: "One slot, one transfer a patient",
  from: null,
  quick: true,
  goal: 80,
  includes:
    "a contract written for this bench, the best of its kind: three of five signatures a batch, then for each patient one slot and one ERC-20 transfer",
  lacks: "the escrow's locks, due days, silence, dispute; it publishes an outcome for each pseudonym",
  async live(patients, reports) {
    const bed = await makeBed();
    const args = [members, bed.tokenAddress, bed.payer, bed.maker, AT_RISK];
    const contract = await bed.deploy(own("PatientByPatient"), ...args);
    const address = await contract.getAddress();
    await bed.token.connect(bed.payer).transfer(address, AT_RISK * BigInt(patients));
    await bed.occupy(address);

    const parts = partsOf(patients, reports);
    let gas = await payUpfront(bed, parts);
    for (const [report, part] of parts.entries()) {
      const outcomes = Array.from({ length: part.patients }, (_, i) => {
        const pseudonym = BigInt(id(`${report}/${i}`)) | 1n;
        return toBeHex(i < part.failed ? pseudonym - 1n : pseudonym, 32);
      });
      for (const batch of pieces(outcomes, BATCH)) {
        const types = ["uint256", "address", "bytes32[]"];
        const content = AbiCoder.defaultAbiCoder().encode(types, [chainId, address, batch]);
        gas += await bed.gasOf(contract, "settle", [batch, quorum(keccak256(content))]);
      }
    }
    await mustBePaid(bed, parts, FORTUNE);
    return gas;
  },
};
