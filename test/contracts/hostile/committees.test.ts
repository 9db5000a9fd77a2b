import { expect } from "chai";
import { concat, getBytes, hexlify, id, Signature, toBeHex, zeroPadBytes, zeroPadValue, type Wallet } from "ethers";

import { ethers, openAgreement, type Stage } from "../support/agreement.ts";
import { endorsedBy, operators } from "../support/chain.ts";
import { encodeMultiSignature, inCommitteeOrder, type MemberSignature } from "../support/multiSignature.ts";
import { sheet } from "../support/sheet.ts";
import { byCrowd, crowd, MOST_GAS, openCrowd } from "./support/extremes.ts";

const MODES = { Magic: 0, Refuse: 1, Revert: 2, EatGas: 3, Garbage: 4, Short: 5, Dirty: 6, Bomb: 7, Empty: 10 };

/** secp256k1's order. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** Three operators' signatures of a digest, in the committee's order. */
const three = (digest: string): MemberSignature[] => inCommitteeOrder(signedBy(operators.slice(0, 3), digest));

function signedBy(keys: readonly Wallet[], digest: string): MemberSignature[] {
  return keys.map(({ address, signingKey }) => ({
    signer: address.toLowerCase(),
    signature: signingKey.sign(digest).serialized,
  }));
}

/** The same signature with the other root: holds for the curve, and for nobody who asks for the lower one. */
function malleable(signature: string): string {
  const { r, s, yParity } = Signature.from(signature);
  return concat([r, toBeHex(ORDER - BigInt(s), 32), toBeHex(yParity === 0 ? 28 : 27)]);
}

async function funded(oracle?: () => Promise<string>): Promise<Stage> {
  const stage = await openAgreement(sheet(), oracle === undefined ? {} : { oracle });
  await stage.fund(2_000_000n);
  return stage;
}

describe("An endorsement by a committee", () => {
  const spoilt: readonly (readonly [string, (parts: MemberSignature[], digest: string) => MemberSignature[]])[] = [
    ["in the wrong order", (parts) => parts.toReversed()],
    ["with one member three times", ([a]) => [a!, a!, a!]],
    ["with a member twice beside enough others", ([a, b, c]) => [a!, a!, b!, c!]],
    [
      "with the signatures of two members exchanged",
      ([a, b, c]) => [{ ...a!, signature: b!.signature }, { ...b!, signature: a!.signature }, c!],
    ],
    [
      "with one signature's other root",
      ([a, b, c]) => [{ ...a!, signature: malleable(a!.signature as string) }, b!, c!],
    ],
    [
      "with one signature cut short",
      ([a, b, c]) => [{ ...a!, signature: hexlify(getBytes(a!.signature).slice(0, 64)) }, b!, c!],
    ],
    ["with one signature grown longer", ([a, b, c]) => [{ ...a!, signature: concat([a!.signature, "0x00"]) }, b!, c!]],
    [
      "with a stranger among the members",
      (parts, digest) => inCommitteeOrder([...parts.slice(1), ...signedBy([crowd[0]!], digest)]),
    ],
  ];
  for (const [what, spoil] of spoilt) {
    it(`${what} is refused`, async () => {
      const { agreement, enrol } = await funded();
      await expect(
        enrol({}, { endorse: (digest) => encodeMultiSignature(spoil(three(digest), digest)) }),
      ).to.be.revertedWithCustomError(agreement, "NotEndorsed");
      await enrol({}, { endorse: (digest) => encodeMultiSignature(three(digest)) });
    });
  }

  it("could be told by its other root, which recovers the same key: that is why it is refused", async () => {
    const [member] = operators;
    const digest = id("digest");
    const bytes = getBytes(malleable(member!.signingKey.sign(digest).serialized));
    const data = concat([digest, toBeHex(bytes[64]!, 32), bytes.slice(0, 64)]);
    const recovered = await ethers.provider.call({ to: toBeHex(1, 20), data });
    expect(recovered).to.equal(zeroPadValue(member!.address.toLowerCase(), 32));
  });

  it("with a hundred kilobytes behind it counts for what it says, and costs who sends it", async () => {
    const { agreement, forgeEnrolment } = await funded();
    const { message, endorsement } = await forgeEnrolment();
    const long = concat([endorsement, zeroPadBytes("0x", 100_000)]);
    await expect(agreement.enrol(message, long, "0x")).to.emit(agreement, "Enrolled");
  });

  it("of a hundred kilobytes of nothing is refused", async () => {
    const { agreement, enrol } = await funded();
    for (const endorsement of [zeroPadBytes("0x", 100_000), `0x${"ff".repeat(50_000)}`]) {
      await expect(enrol({}, { endorse: () => endorsement })).to.be.revertedWithCustomError(agreement, "NotEndorsed");
    }
  });

  it("that claims more signers than there is room for is refused", async () => {
    const { agreement, enrol } = await funded();
    for (const length of [2n ** 32n, 2n ** 64n, 2n ** 255n, 2n ** 256n - 1n]) {
      const word = (n: bigint) => toBeHex(n, 32);
      const endorsement = concat([word(64n), word(64n), word(length)]);
      await expect(enrol({}, { endorse: () => endorsement })).to.be.revertedWithCustomError(agreement, "NotEndorsed");
    }
  });

  it("of all 255 members is taken, and of all but one is not", async () => {
    const { agreement, fund, forgeEnrolment } = await openAgreement(sheet(), {
      oracle: async () => (await openCrowd()).getAddress(),
    });
    await fund(2_000_000n);
    const short = await forgeEnrolment({}, { endorse: endorsedBy(crowd.slice(1)) });
    await expect(agreement.enrol(short.message, short.endorsement, "0x")).to.be.revertedWithCustomError(
      agreement,
      "NotEndorsed",
    );
    const { message, endorsement } = await forgeEnrolment({}, { endorse: byCrowd });
    const sent = await agreement.enrol(message, endorsement, "0x", { gasLimit: MOST_GAS });
    expect((await sent.wait())!.gasUsed).to.be.lessThan(MOST_GAS / 4n);
  });
});

describe("A committee whose members are contracts", () => {
  /** Five members of 20 bytes, each a contract in its own mood; three must say yes. */
  async function moody(...modes: (keyof typeof MODES)[]) {
    const members: string[] = [];
    const stage = await funded(async () => {
      for (const mode of modes) {
        const member = await ethers.deployContract("HostileOracle");
        await member.setMode(MODES[mode]);
        members.push(await member.getAddress());
      }
      return (await ethers.deployContract("OracleCommittee", [members, 3])).getAddress();
    });
    const asked = (...positions: number[]) =>
      encodeMultiSignature(
        inCommitteeOrder(positions.map((i) => ({ signer: members[i]!.toLowerCase(), signature: "0x" }))),
      );
    return { ...stage, asked };
  }

  it("given each refuses in its own way, then nothing is endorsed", async () => {
    const { agreement, asked, enrol } = await moody("Refuse", "Revert", "Garbage", "Short", "Dirty");
    for (const members of [
      [0, 1, 2],
      [2, 3, 4],
      [0, 1, 2, 3, 4],
    ]) {
      await expect(enrol({}, { endorse: () => asked(...members) })).to.be.revertedWithCustomError(
        agreement,
        "NotEndorsed",
      );
    }
  });

  it("given three say yes and two don't, then whoever sends asks the three", async () => {
    const { agreement, asked, enrol } = await moody("Magic", "Revert", "Magic", "Garbage", "Bomb");
    await expect(enrol({}, { endorse: () => asked(0, 1, 2, 4) })).to.be.revertedWithCustomError(
      agreement,
      "NotEndorsed",
    );
    await expect(enrol({}, { endorse: () => asked(0, 2, 4) })).to.emit(agreement, "Enrolled");
  });

  it("given one eats all gas, then only an endorsement that asks it fails", async () => {
    const { agreement, asked, enrol, forgeEnrolment } = await moody("Magic", "Magic", "Magic", "EatGas", "Empty");
    const { message, endorsement } = await forgeEnrolment({}, { endorse: () => asked(0, 1, 2, 3) });
    await expect(agreement.enrol(message, endorsement, "0x", { gasLimit: 5_000_000n })).to.revert(ethers);
    await expect(enrol({}, { endorse: () => asked(0, 1, 2) })).to.emit(agreement, "Enrolled");
  });

  it("given it is a member of another committee, then its quorum is one voice there", async () => {
    let nested = "";
    const { agreement, fund, enrol } = await openAgreement(sheet(), {
      oracle: async () => {
        const inner = await ethers.deployContract("OracleCommittee", [
          operators.slice(0, 3).map(({ address }) => address),
          2,
        ]);
        const members = [await inner.getAddress(), operators[3]!.address];
        nested = members[0]!.toLowerCase();
        return (await ethers.deployContract("OracleCommittee", [members, 2])).getAddress();
      },
    });
    await fund(2_000_000n);
    const inner = (digest: string, keys: readonly Wallet[]): MemberSignature => ({
      signer: nested,
      signature: endorsedBy(keys)(digest),
    });
    const both = (keys: readonly Wallet[]) => (digest: string) =>
      encodeMultiSignature(inCommitteeOrder([inner(digest, keys), ...signedBy([operators[3]!], digest)]));
    await expect(enrol({}, { endorse: both(operators.slice(0, 1)) })).to.be.revertedWithCustomError(
      agreement,
      "NotEndorsed",
    );
    await enrol({}, { endorse: both(operators.slice(0, 2)) });
  });
});
