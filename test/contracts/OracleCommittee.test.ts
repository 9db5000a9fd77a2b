import { expect } from "chai";
import {
  AbiCoder,
  Wallet,
  ZeroAddress,
  concat,
  dataSlice,
  getBytes,
  hexlify,
  id,
  sha256,
  toBeHex,
  type BytesLike,
  type HDNodeWallet,
} from "ethers";
import { network } from "hardhat";
import { generateKeyPairSync, sign } from "node:crypto";

import { itMeasures } from "./support/itMeasures.ts";
import { encodeMultiSignature, inCommitteeOrder, type MemberSignature } from "./support/multiSignature.ts";

const { ethers, networkHelpers } = await network.create();

const MAGIC = "0x1626ba7e";
const FAILURE = "0xffffffff";
const DAY = 86_400;
const TYPES = {
  Reconfiguration: [
    { name: "add", type: "bytes[]" },
    { name: "remove", type: "bytes[]" },
    { name: "threshold", type: "uint64" },
    { name: "number", type: "uint32" },
    { name: "lastDay", type: "uint32" },
  ],
};

interface Reconfiguration {
  add: string[];
  remove: string[];
  threshold: number;
  number: number;
  lastDay: number;
}

const message = Buffer.from("what the members endorse");
// What Node's P-256 signs is the SHA-256 of a message: with this digest it signs the digest.
const digest = sha256(message);

const byKey = (key: HDNodeWallet, of: string = digest): MemberSignature => ({
  signer: key.address,
  signature: key.signingKey.sign(of).serialized,
});
const endorse = (keys: readonly HDNodeWallet[], of: string = digest) =>
  encodeMultiSignature(inCommitteeOrder(keys.map((key) => byKey(key, of))));

async function deploy() {
  const keys = Array.from({ length: 5 }, () => Wallet.createRandom());
  const stranger = Wallet.createRandom();
  const committee = await ethers.deployContract("OracleCommittee", [keys.map(({ address }) => address), 3]);
  const asker = await ethers.deployContract("SignatureAsker");
  const address = await committee.getAddress();
  const today = Math.floor((await networkHelpers.time.latest()) / DAY);
  const [three, four] = [keys.slice(0, 3), keys.slice(0, 4)];
  const [a, b, c, d, e] = keys as [HDNodeWallet, HDNodeWallet, HDNodeWallet, HDNodeWallet, HDNodeWallet];

  const answer = (signature: BytesLike, of = digest) => committee.isValidSignature(of, signature);
  const domain = { name: "outcomepay", version: "1", chainId: (await ethers.provider.getNetwork()).chainId };
  const digestOf = (change: Reconfiguration, verifyingContract = address) =>
    ethers.TypedDataEncoder.hash({ ...domain, verifyingContract }, TYPES, change);
  /** A change that is in order but for `overrides`, signed by `signers`. */
  const forgeChange = (overrides: Partial<Reconfiguration> = {}, signers: readonly HDNodeWallet[] = three) => {
    const change = { add: [], remove: [], threshold: 3, number: 1, lastDay: today + 7, ...overrides };
    return { change, signature: endorse(signers, digestOf(change)), digest: digestOf(change) };
  };
  return {
    keys,
    a,
    b,
    c,
    d,
    e,
    three,
    four,
    stranger,
    committee,
    address,
    asker,
    today,
    answer,
    digestOf,
    forgeChange,
  };
}

/** A member whose P-256 key sits behind OpenZeppelin's verifier. */
async function p256Member(): Promise<MemberSignature> {
  const verifier = await ethers.deployContract("ERC7913P256Verifier");
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x, y } = publicKey.export({ format: "jwk" });
  const raw = sign("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" });
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const s = BigInt(hexlify(raw.subarray(32)));
  return {
    signer: concat([await verifier.getAddress(), Buffer.from(x ?? "", "base64url"), Buffer.from(y ?? "", "base64url")]),
    signature: concat([raw.subarray(0, 32), toBeHex(s > order / 2n ? order - s : s, 32)]),
  };
}

/** A member whose RSA key sits behind OpenZeppelin's verifier, which takes PKCS#1 v1.5 over the digest's SHA-256. */
async function rsaMember(): Promise<MemberSignature> {
  const verifier = await ethers.deployContract("ERC7913RSAVerifier");
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const { e, n } = publicKey.export({ format: "jwk" });
  const key = AbiCoder.defaultAbiCoder().encode(
    ["bytes", "bytes"],
    [Buffer.from(e ?? "", "base64url"), Buffer.from(n ?? "", "base64url")],
  );
  return {
    signer: concat([await verifier.getAddress(), key]),
    signature: sign("sha256", getBytes(digest), privateKey),
  };
}

describe("OracleCommittee", () => {
  describe("an endorsement", () => {
    it("holds with as many members as the threshold, and with more", async () => {
      const { three, keys, answer } = await networkHelpers.loadFixture(deploy);
      expect(await answer(endorse(three))).to.equal(MAGIC);
      expect(await answer(endorse(keys))).to.equal(MAGIC);
    });

    it("fails with fewer, with none and with nothing", async () => {
      const { a, b, answer } = await networkHelpers.loadFixture(deploy);
      expect(await answer(endorse([a, b]))).to.equal(FAILURE);
      expect(await answer(endorse([]))).to.equal(FAILURE);
      expect(await answer("0x")).to.equal(FAILURE);
    });

    it("fails over another digest", async () => {
      const { three, answer } = await networkHelpers.loadFixture(deploy);
      expect(await answer(endorse(three), id("another"))).to.equal(FAILURE);
    });

    it("fails when a member stands in it twice, next to itself or apart", async () => {
      const { a, b, c, answer } = await networkHelpers.loadFixture(deploy);
      const [x, y, z] = inCommitteeOrder([byKey(a), byKey(b), byKey(c)]) as [
        MemberSignature,
        MemberSignature,
        MemberSignature,
      ];
      expect(await answer(encodeMultiSignature([x, x, y]))).to.equal(FAILURE);
      expect(await answer(encodeMultiSignature([x, y, x]))).to.equal(FAILURE);
      expect(await answer(encodeMultiSignature([x, y, z, z]))).to.equal(FAILURE);
    });

    it("fails out of order", async () => {
      const { three, answer } = await networkHelpers.loadFixture(deploy);
      const ordered = inCommitteeOrder(three.map((key) => byKey(key)));
      expect(await answer(encodeMultiSignature(ordered.toReversed()))).to.equal(FAILURE);
    });

    it("fails with a stranger among enough members", async () => {
      const { three, stranger, answer } = await networkHelpers.loadFixture(deploy);
      expect(await answer(endorse([...three, stranger]))).to.equal(FAILURE);
    });

    it("fails with one signature that does not hold among enough that do", async () => {
      const { three, d, answer } = await networkHelpers.loadFixture(deploy);
      const bad = { signer: d.address, signature: d.signingKey.sign(id("another")).serialized };
      const signature = encodeMultiSignature(inCommitteeOrder([...three.map((key) => byKey(key)), bad]));
      expect(await answer(signature)).to.equal(FAILURE);
    });

    it("fails with more signers than signatures", async () => {
      const { three, answer } = await networkHelpers.loadFixture(deploy);
      const parts = inCommitteeOrder(three.map((key) => byKey(key)));
      const signature = AbiCoder.defaultAbiCoder().encode(
        ["bytes[]", "bytes[]"],
        [parts.map(({ signer }) => signer), parts.slice(1).map(({ signature }) => signature)],
      );
      expect(await answer(signature)).to.equal(FAILURE);
    });

    it("takes members with P-256 and RSA keys and an ERC-1271 wallet beside a plain key", async () => {
      const { a, b, asker } = await networkHelpers.loadFixture(deploy);
      const wallet = await ethers.deployContract("Wallet1271", [b.address]);
      const byWallet = { signer: (await wallet.getAddress()).toLowerCase(), signature: byKey(b).signature };
      const parts = inCommitteeOrder([await p256Member(), await rsaMember(), byWallet, byKey(a)]);
      const committee = await ethers.deployContract("OracleCommittee", [parts.map(({ signer }) => signer), 4]);
      expect(await committee.isValidSignature(digest, encodeMultiSignature(parts))).to.equal(MAGIC);
      expect(await committee.isValidSignature(id("another"), encodeMultiSignature(parts))).to.equal(FAILURE);
      expect(
        (await asker.gasOfQuestion(await committee.getAddress(), digest, encodeMultiSignature(parts))).yes,
      ).to.equal(true);
    });

    it("takes a member whose key delegates to code that refuses it (EIP-7702)", async () => {
      const { a, three, answer } = await networkHelpers.loadFixture(deploy);
      const hostile = await ethers.deployContract("HostileOracle");
      await hostile.setMode(1);
      await networkHelpers.setCode(a.address, concat(["0xef0100", await hostile.getAddress()]));
      expect(await answer(endorse(three))).to.equal(MAGIC);
    });

    it("never reverts on what is no encoding, wherever it is damaged", async () => {
      const { three, answer } = await networkHelpers.loadFixture(deploy);
      const whole = endorse(three);
      const words = (whole.length - 2) / 64;
      for (let word = 0; word < words; word++) {
        for (const wrong of [
          0n,
          1n,
          31n,
          32n,
          2n ** 32n,
          2n ** 64n - 1n,
          2n ** 255n,
          2n ** 256n - 1n,
          2n ** 256n - 32n,
        ]) {
          const damaged = concat([
            dataSlice(whole, 0, word * 32),
            toBeHex(wrong, 32),
            dataSlice(whole, word * 32 + 32),
          ]);
          expect(await answer(damaged)).to.be.oneOf([MAGIC, FAILURE]);
        }
        expect(await answer(dataSlice(whole, 0, word * 32))).to.equal(FAILURE);
      }
    });

    it("takes an empty signature that its encoding ends in, and none that lies beyond it", async () => {
      const wallet = await ethers.deployContract("Accomplice");
      const member = await wallet.getAddress();
      const committee = await ethers.deployContract("OracleCommittee", [[member], 1]);
      const whole = encodeMultiSignature([{ signer: member, signature: "0x" }]);
      expect(await committee.isValidSignature(digest, whole)).to.equal(MAGIC);
      // The last word is the signature's length. Without it the last is its place, counted from that very word: where
      // that is zero, it is the length too.
      const cut = dataSlice(whole, 0, (whole.length - 2) / 2 - 64);
      const placed = (place: number) => committee.isValidSignature(digest, concat([cut, toBeHex(place, 32)]));
      expect(await placed(0)).to.equal(MAGIC);
      for (const place of [1, 31, 32, 33, 63, 64, 65]) {
        expect(await placed(place), String(place)).to.equal(FAILURE);
      }
    });

    itMeasures("costs no more than 26,500 gas for 3 of 5 keys, the committee's cold account included", async () => {
      const { three, asker, address } = await networkHelpers.loadFixture(deploy);
      const { used, yes } = await asker.gasOfQuestion(address, digest, endorse(three));
      expect(yes).to.equal(true);
      expect(used).to.be.at.most(26_500n);
    });
  });

  describe("at creation", () => {
    it("refuses a threshold of zero, and one above the members", async () => {
      const { a, committee } = await networkHelpers.loadFixture(deploy);
      const factory = await ethers.getContractFactory("OracleCommittee");
      await expect(factory.deploy([a.address], 0)).to.be.revertedWithCustomError(
        committee,
        "MultiSignerERC7913ZeroThreshold",
      );
      await expect(factory.deploy([a.address], 2))
        .to.be.revertedWithCustomError(committee, "MultiSignerERC7913UnreachableThreshold")
        .withArgs(1, 2);
    });

    it("refuses a member twice, a short one, nobody, and a key whose verifier has no code", async () => {
      const { a, committee, stranger } = await networkHelpers.loadFixture(deploy);
      const factory = await ethers.getContractFactory("OracleCommittee");
      const identity = concat(["0x0000000000000000000000000000000000000004", "0x00"]);
      const refused = (member: string, error: string) =>
        expect(factory.deploy([a.address, member], 1))
          .to.be.revertedWithCustomError(committee, error)
          .withArgs(member.toLowerCase());
      await refused(a.address, "MultiSignerERC7913AlreadyExists");
      await refused("0x1234", "MultiSignerERC7913InvalidSigner");
      await refused(ZeroAddress, "InvalidMember");
      await refused(concat([stranger.address, "0x01"]), "InvalidMember");
      await refused(identity, "InvalidMember");
    });
  });

  describe("a reconfiguration", () => {
    it("has the digest that wallets compute", async () => {
      const { committee, stranger, a, forgeChange } = await networkHelpers.loadFixture(deploy);
      const { change, digest } = forgeChange({ add: [stranger.address], remove: [a.address], threshold: 4 });
      expect(await committee.reconfigurationDigest(change)).to.equal(digest);
    });

    it("changes members and threshold at once, sent by anyone", async () => {
      const { committee, stranger, a, b, c, d, e, answer, forgeChange } = await networkHelpers.loadFixture(deploy);
      const { change, signature } = forgeChange({
        add: [stranger.address],
        remove: [a.address, b.address],
        threshold: 4,
      });
      const anyone = (await ethers.getSigners()).at(-1);
      await expect(committee.connect(anyone ?? null).reconfigure(change, signature))
        .to.emit(committee, "Reconfigured")
        .withArgs(1, 4, 4);
      expect(await committee.reconfigurations()).to.equal(1);
      expect(await committee.getSignerCount()).to.equal(4);
      expect(await answer(endorse([c, d, e, stranger]))).to.equal(MAGIC);
      expect(await answer(endorse([c, d, e]))).to.equal(FAILURE);
      expect(await answer(endorse([a, c, d, e]))).to.equal(FAILURE);
    });

    it("replaces a member where all must sign", async () => {
      const { a, b, stranger, forgeChange } = await networkHelpers.loadFixture(deploy);
      const committee = await ethers.deployContract("OracleCommittee", [[a.address, b.address], 2]);
      const { change } = forgeChange({ add: [stranger.address], remove: [a.address], threshold: 2 });
      await committee.reconfigure(change, endorse([a, b], await committee.reconfigurationDigest(change)));
      expect(await committee.isSigner(stranger.address)).to.equal(true);
      expect(await committee.isSigner(a.address)).to.equal(false);
    });

    it("is refused a second time, and out of turn", async () => {
      const { committee, forgeChange } = await networkHelpers.loadFixture(deploy);
      const { change, signature } = forgeChange();
      await committee.reconfigure(change, signature);
      await expect(committee.reconfigure(change, signature))
        .to.be.revertedWithCustomError(committee, "WrongNumber")
        .withArgs(1, 2);
      const early = forgeChange({ number: 3 });
      await expect(committee.reconfigure(early.change, early.signature))
        .to.be.revertedWithCustomError(committee, "WrongNumber")
        .withArgs(3, 2);
    });

    it("counts on its last day and not on the day after", async () => {
      const { committee, today, forgeChange } = await networkHelpers.loadFixture(deploy);
      const { change, signature } = forgeChange({ lastDay: today + 1 });
      await networkHelpers.time.setNextBlockTimestamp((today + 2) * DAY);
      await expect(committee.reconfigure(change, signature))
        .to.be.revertedWithCustomError(committee, "Expired")
        .withArgs(today + 1, today + 2);
      const next = forgeChange({ lastDay: today + 2 });
      await networkHelpers.time.setNextBlockTimestamp((today + 3) * DAY - 1);
      await committee.reconfigure(next.change, next.signature);
    });

    for (const [field, value] of Object.entries({ add: ["0x" + "11".repeat(20)], threshold: 1, lastDay: 4_000_000 })) {
      it(`is refused when \`${field}\` was altered after signing`, async () => {
        const { committee, forgeChange } = await networkHelpers.loadFixture(deploy);
        const { change, signature } = forgeChange();
        const altered = { ...change, [field]: value };
        await expect(committee.reconfigure(altered, signature))
          .to.be.revertedWithCustomError(committee, "NotEndorsed")
          .withArgs(await committee.reconfigurationDigest(altered));
      });
    }

    it("is refused with too few signatures, and when signed for another committee", async () => {
      const { committee, a, b, three, digestOf, stranger, forgeChange } = await networkHelpers.loadFixture(deploy);
      const { change, digest } = forgeChange();
      for (const signature of [endorse([a, b], digest), endorse(three, digestOf(change, stranger.address))]) {
        await expect(committee.reconfigure(change, signature))
          .to.be.revertedWithCustomError(committee, "NotEndorsed")
          .withArgs(digest);
      }
    });

    const refusals: [string, string, (f: Awaited<ReturnType<typeof deploy>>) => Partial<Reconfiguration>][] = [
      ["adds a member that is one", "MultiSignerERC7913AlreadyExists", ({ a }) => ({ add: [a.address] })],
      ["adds a member shorter than an address", "MultiSignerERC7913InvalidSigner", () => ({ add: ["0x12"] })],
      ["adds the committee itself", "InvalidMember", ({ address }) => ({ add: [address] })],
      ["adds nobody", "InvalidMember", () => ({ add: [ZeroAddress] })],
      ["adds a key without a verifier", "InvalidMember", ({ stranger: s }) => ({ add: [concat([s.address, "0x01"])] })],
      ["sets a threshold of zero", "MultiSignerERC7913ZeroThreshold", () => ({ threshold: 0 })],
      ["sets a threshold above the members", "MultiSignerERC7913UnreachableThreshold", () => ({ threshold: 6 })],
      ["removes a stranger", "MultiSignerERC7913NonexistentSigner", ({ stranger: s }) => ({ remove: [s.address] })],
      [
        "leaves fewer members than the threshold",
        "MultiSignerERC7913UnreachableThreshold",
        ({ three }) => ({ remove: three.map(({ address }) => address) }),
      ],
    ];
    for (const [what, error, overrides] of refusals) {
      it(`that ${what} is refused and changes nothing`, async () => {
        const fixture = await networkHelpers.loadFixture(deploy);
        const { committee, forgeChange, three, answer } = fixture;
        const { change, signature } = forgeChange(overrides(fixture));
        await expect(committee.reconfigure(change, signature)).to.be.revertedWithCustomError(committee, error);
        expect(await committee.reconfigurations()).to.equal(0);
        expect(await answer(endorse(three))).to.equal(MAGIC);
      });
    }
  });
});
