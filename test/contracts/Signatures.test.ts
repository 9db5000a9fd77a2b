import { expect } from "chai";
import { Signature, Wallet, ZeroAddress, concat, id, toBeHex } from "ethers";
import { network } from "hardhat";

const { ethers, networkHelpers } = await network.create();

/** Order of secp256k1's group. */
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const MODES = ["Magic", "Refuse", "Revert", "EatGas", "Garbage", "Short", "Dirty", "Bomb"] as const;

async function deploy() {
  const key = Wallet.createRandom();
  const asker = await ethers.deployContract("SignatureAsker");
  const wallet = await ethers.deployContract("Wallet1271", [key.address]);
  const hostile = await ethers.deployContract("HostileOracle");
  const digest = id("message");
  const signature = key.signingKey.sign(digest).serialized;
  const isValid = (signer: string, of = digest, by: string = signature) =>
    asker.isValid(signer, of, by, { gasLimit: 5_000_000 });
  return { key, asker, wallet, hostile, digest, signature, isValid };
}

describe("Signatures", () => {
  it("takes a key's signature", async () => {
    const { key, isValid } = await networkHelpers.loadFixture(deploy);
    expect(await isValid(key.address)).to.equal(true);
  });

  it("takes a key's signature although the key delegates to code that refuses it (EIP-7702)", async () => {
    const { key, hostile, isValid } = await networkHelpers.loadFixture(deploy);
    await networkHelpers.setCode(key.address, concat(["0xef0100", await hostile.getAddress()]));
    await hostile.setMode(MODES.indexOf("Refuse"));
    expect(await isValid(key.address)).to.equal(true);
  });

  it("asks the code when the key did not sign", async () => {
    const { wallet, digest, isValid } = await networkHelpers.loadFixture(deploy);
    const other = Wallet.createRandom().signingKey.sign(digest).serialized;
    expect(await isValid(await wallet.getAddress())).to.equal(true);
    expect(await isValid(await wallet.getAddress(), digest, other)).to.equal(false);
  });

  it("refuses another digest, another key and an empty signature", async () => {
    const { key, digest, isValid } = await networkHelpers.loadFixture(deploy);
    expect(await isValid(key.address, id("another"))).to.equal(false);
    expect(await isValid(Wallet.createRandom().address)).to.equal(false);
    expect(await isValid(key.address, digest, "0x")).to.equal(false);
  });

  it("refuses the zero address, which is what a failed recovery gives", async () => {
    const { digest, isValid } = await networkHelpers.loadFixture(deploy);
    expect(await isValid(ZeroAddress, digest, `0x${"00".repeat(65)}`)).to.equal(false);
  });

  it("refuses the mirrored signature with a high s, and the 64-byte form", async () => {
    const { key, digest, signature, isValid } = await networkHelpers.loadFixture(deploy);
    const { r, s, v, compactSerialized } = Signature.from(signature);
    const mirrored = concat([r, toBeHex(N - BigInt(s), 32), v === 27 ? "0x1c" : "0x1b"]);
    expect(await isValid(key.address, digest, mirrored)).to.equal(false);
    expect(await isValid(key.address, digest, compactSerialized)).to.equal(false);
  });

  it("refuses an account without code that did not sign, a precompile among them", async () => {
    const { isValid } = await networkHelpers.loadFixture(deploy);
    expect(await isValid("0x0000000000000000000000000000000000000004")).to.equal(false);
  });

  for (const mode of MODES) {
    const expected = mode === "Magic" || mode === "Bomb";
    it(`${expected ? "takes" : "refuses, without a revert,"} the answer of a contract in mode ${mode}`, async () => {
      const { hostile, isValid } = await networkHelpers.loadFixture(deploy);
      await hostile.setMode(MODES.indexOf(mode));
      expect(await isValid(await hostile.getAddress())).to.equal(expected);
    });
  }
});
