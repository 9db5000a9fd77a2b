import { readFileSync } from "node:fs";

import { expect } from "chai";
import { concat, getCreateAddress, TypedDataEncoder } from "ethers";
import { parse } from "yaml";

import { compileLegal } from "../../terms/onchain/compile.ts";
import { packTerms } from "../../terms/onchain/pack.ts";
import { signable, type Venue } from "../../terms/onchain/signable.ts";
import { TERMS_TYPES } from "../../terms/onchain/typedData.ts";
import { AgreementFactory__factory, PlainToken__factory } from "../../typechain-types/index.ts";
import { chainId, ethers, freshChain, networkHelpers } from "../contracts/support/chain.ts";
import { readSheet } from "../contracts/support/draft.ts";

/** The numbers of the worked terms. */
interface Shown {
  readonly chainId: number;
  readonly deployer: string;
  readonly factory: string;
  readonly token: string;
  readonly tokenDecimals: number;
  readonly termsHash: string;
  readonly packedSize: number;
  readonly packed: readonly string[];
  readonly agreement: string;
  readonly digest: string;
  readonly digestWithoutLegal: string;
}

const protocol = read("docs/protocol.md");
const [sheet = "", numbers = ""] = blocks("### Worked terms", "yaml");
const shown = parse(numbers) as Shown;
const model = readSheet(sheet);
const unpapered = { ...model, legal: null };
const venue: Venue = { ...shown, chainId: BigInt(shown.chainId) };
const packed = `0x${shown.packed.join("")}`;

describe("The terms in docs/protocol.md", () => {
  it("given the worked terms, then hash, packed bytes, address and digest are what the program computes", () => {
    const { terms, termsHash, address, digest, size } = signable(model, venue);
    expect(termsHash).to.equal(shown.termsHash);
    expect(packTerms(model, terms, venue.tokenDecimals)).to.equal(packed);
    expect(size).to.equal(shown.packedSize);
    expect(address).to.equal(shown.agreement);
    expect(digest).to.equal(shown.digest);
  });

  it("given the worked terms without the paper contract, then the address stays and the digest changes", () => {
    const { address, digest } = signable(unpapered, venue);
    expect(address).to.equal(shown.agreement);
    expect(digest).to.equal(shown.digestWithoutLegal).and.not.equal(shown.digest);
  });

  it("given the worked terms on a chain, then the factory gives the same bytes, address and digests", async () => {
    const factory = await factoryOfExample();
    const { terms } = signable(model, venue);
    expect(chainId).to.equal(venue.chainId);
    expect(await factory.getAddress()).to.equal(shown.factory);
    expect(await factory.pack(terms)).to.equal(packed);
    expect(await factory.addressOf(terms)).to.equal(shown.agreement);
    expect(await factory.digest(terms, compileLegal(model))).to.equal(shown.digest);
    expect(await factory.digest(terms, compileLegal(unpapered))).to.equal(shown.digestWithoutLegal);
  });

  it("given the recipe for an address, when it is followed by hand, then it leads to the agreement", () => {
    const [, before = "", after = ""] = /‖ (0x3d81\w+) ‖ implementation ‖ (0x\w+) ‖ packed terms/.exec(protocol) ?? [];
    const hashed = (...parts: string[]): string => ethers.keccak256(concat(parts));
    const implementation = `0x${hashed("0xd694", shown.factory, "0x01").slice(-40)}`;
    const length = ethers.toBeHex(shown.packedSize + 45, 2);
    const code = hashed("0x61", length, before, implementation, after, packed);
    const address = `0x${hashed("0xff", shown.factory, shown.termsHash, code).slice(-40)}`;
    expect(address).to.equal(shown.agreement.toLowerCase());
    expect(getCreateAddress({ from: shown.deployer, nonce: 0 })).to.equal(shown.factory);
  });

  it("shows the types that are signed", () => {
    const [terms = ""] = blocks("## From the term sheet to the signed terms", "");
    expect(terms.replaceAll("\n", "")).to.equal(TypedDataEncoder.from(TERMS_TYPES).encodeType("Agreement"));
  });

  it("shows the messages that the agreement takes", () => {
    const messages = read("contracts/libraries/Messages.sol");
    const acts = blocks("## What all parties sign together", "").join("").trim().split("\n");
    const reports = blocks("## Messages", "").join("").trim().split("\n");
    expect([acts.length, reports.length]).to.deep.equal([4, 3]);
    for (const type of [...acts, ...reports]) expect(messages).to.include(`"${type}"`);
  });
});

/** The factory where the example has it, beside code at the token's address. */
async function factoryOfExample() {
  const { relayer } = await freshChain();
  const token = await new PlainToken__factory(relayer).deploy(shown.tokenDecimals);
  await networkHelpers.setCode(shown.token, await ethers.provider.getCode(token));
  await networkHelpers.setBalance(shown.deployer, 10n ** 20n);
  await networkHelpers.impersonateAccount(shown.deployer);
  return new AgreementFactory__factory(await ethers.getSigner(shown.deployer)).deploy();
}

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
}

/** The code blocks under a heading, up to the next one. */
function blocks(heading: string, language: string): string[] {
  const [, after = ""] = protocol.split(`\n${heading}\n`);
  const [section = ""] = after.split(/\n##+ /);
  return [...section.matchAll(/```(\w*)\n([\s\S]*?)```/g)].flatMap(([, found, text = ""]) =>
    found === language ? [text] : [],
  );
}
