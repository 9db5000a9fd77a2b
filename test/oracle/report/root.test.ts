import { expect } from "chai";
import { concat, keccak256, randomBytes, solidityPackedKeccak256, toBeHex, ZeroHash } from "ethers";
import fc from "fast-check";

import { toHex, type Hex } from "../../../oracle/report/bytes.ts";
import { hashEnrolmentLeaves, hashReportLeaves, HASH, type ReportLeaf } from "../../../oracle/report/leaf.ts";
import { merkleRoot, proveLeaf, verifyProof } from "../../../oracle/report/root.ts";
import { patientKey } from "../../../oracle/report/keys.ts";

/** The same tree from the top down: the left half is the largest power of two below the number of leaves. */
function topOf(hashes: readonly string[]): string {
  if (hashes.length === 1) return hashes[0] ?? "";
  let half = 1;
  while (half * 2 < hashes.length) half *= 2;
  return keccak256(concat(["0x01", topOf(hashes.slice(0, half)), topOf(hashes.slice(half))]));
}

const rootOf = (hashes: readonly string[]): string =>
  keccak256(concat(["0x02", toBeHex(hashes.length, 4), hashes.length === 0 ? ZeroHash : topOf(hashes)]));

const hashesOf = (flat: Uint8Array): string[] =>
  Array.from({ length: flat.length / HASH }, (_, i) => toHex(flat.subarray(i * HASH, (i + 1) * HASH)));

const randomHashes = (n: number): Uint8Array => Buffer.concat(Array.from({ length: n }, () => randomBytes(HASH)));

const hex32 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex);
const int128 = fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n - 1n });
const leaf: fc.Arbitrary<ReportLeaf> = fc.record({
  tier: fc.integer({ min: 0, max: 255 }),
  patientKey: hex32,
  batch: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  value: int128,
  runningSum: int128,
  blind: hex32,
});

describe("leaves", () => {
  it("hashes a report's leaf as Solidity packs it", () => {
    fc.assert(
      fc.property(leaf, (it) => {
        const types = ["uint8", "uint8", "bytes32", "uint32", "int128", "int128", "bytes32"];
        const values = [0, it.tier, it.patientKey, it.batch, it.value, it.runningSum, it.blind];
        expect(toHex(hashReportLeaves([it]))).to.equal(solidityPackedKeccak256(types, values));
      }),
    );
  });

  it("hashes an enrolment's leaf as Solidity packs it", () => {
    fc.assert(
      fc.property(hex32, fc.integer({ min: 0, max: 2 ** 32 - 1 }), hex32, (key, indexDay, blind) => {
        const packed = solidityPackedKeccak256(["uint8", "bytes32", "uint32", "bytes32"], [0, key, indexDay, blind]);
        expect(toHex(hashEnrolmentLeaves([{ patientKey: key, indexDay, blind }]))).to.equal(packed);
      }),
    );
  });

  it("refuses a field that does not fit", () => {
    const fits: ReportLeaf = { tier: 0, patientKey: ZeroHash as Hex, batch: 0, value: 0n, runningSum: 0n, blind: "0x" };
    const bad: Partial<ReportLeaf>[] = [
      {},
      { blind: ZeroHash as Hex, tier: 256 },
      { blind: ZeroHash as Hex, batch: 2 ** 32 },
      { blind: ZeroHash as Hex, value: 2n ** 127n },
      { blind: ZeroHash as Hex, runningSum: -(2n ** 127n) - 1n },
      { blind: `0x${"zz".repeat(32)}` },
      { blind: `0x${"00".repeat(33)}` },
    ];
    for (const overrides of bad) expect(() => hashReportLeaves([{ ...fits, ...overrides }])).to.throw(RangeError);
  });
});

describe("the outcomes root", () => {
  it("equals the root of a tree built from the top down, for every number of leaves up to 130", () => {
    for (let n = 0; n <= 130; n++) {
      const flat = randomHashes(n);
      expect(merkleRoot(flat), `${n} leaves`).to.equal(rootOf(hashesOf(flat)));
    }
  });

  it("leaves the hashes that it is given as they are", () => {
    const flat = randomHashes(7);
    const before = Buffer.from(flat);
    merkleRoot(flat);
    proveLeaf(flat, 3);
    expect(before.equals(flat)).to.equal(true);
  });

  it("changes with the number of leaves where the top does not", () => {
    const flat = randomHashes(2);
    const top = Buffer.from(topOf(hashesOf(flat)).slice(2), "hex");
    expect(merkleRoot(top)).not.to.equal(merkleRoot(flat));
  });

  it("refuses bytes that are no hashes", () => {
    expect(() => merkleRoot(new Uint8Array(33))).to.throw(RangeError);
  });
});

describe("inclusion proofs", () => {
  it("hold for every leaf of every tree up to 40", () => {
    for (let n = 1; n <= 40; n++) {
      const flat = randomHashes(n);
      const root = merkleRoot(flat);
      for (let i = 0; i < n; i++) {
        expect(verifyProof(root, flat.subarray(i * HASH, (i + 1) * HASH), proveLeaf(flat, i)), `${i} of ${n}`).to.equal(
          true,
        );
      }
    }
  });

  it("fail when anything in them is altered", () => {
    const trees = fc.integer({ min: 2, max: 70 }).chain((n) => fc.tuple(fc.constant(n), fc.nat(n - 1), fc.nat(n - 1)));
    fc.assert(
      fc.property(trees, fc.nat(255), ([n, i, j], flip) => {
        const flat = randomHashes(n);
        const root = merkleRoot(flat);
        const hash = flat.subarray(i * HASH, (i + 1) * HASH);
        const proof = proveLeaf(flat, i);
        const { siblings } = proof;
        expect(verifyProof(toHex(randomBytes(32)), hash, proof)).to.equal(false);
        if (i !== j) expect(verifyProof(root, hash, { ...proof, index: j })).to.equal(false);
        expect(verifyProof(root, hash, { ...proof, leaves: n + 1 })).to.equal(false);
        expect(verifyProof(root, hash, { ...proof, siblings: siblings.slice(1) })).to.equal(false);
        expect(verifyProof(root, hash, { ...proof, siblings: [...siblings, ZeroHash as Hex] })).to.equal(false);
        const altered = Buffer.from(hash);
        altered[flip % HASH] = (altered[flip % HASH] ?? 0) ^ 1;
        expect(verifyProof(root, altered, proof)).to.equal(false);
      }),
    );
  });

  it("refuse a leaf that is not there and an inner node in place of a leaf", () => {
    const flat = randomHashes(4);
    expect(() => proveLeaf(flat, 4)).to.throw(RangeError);
    expect(() => proveLeaf(flat, -1)).to.throw(RangeError);
    const [a = "", b = "", c = "", d = ""] = hashesOf(flat);
    const left = Buffer.from(topOf([a, b]).slice(2), "hex");
    const right = topOf([c, d]) as Hex;
    for (const leaves of [2, 4]) {
      expect(verifyProof(merkleRoot(flat), left, { index: 0, leaves, siblings: [right] })).to.equal(false);
    }
  });
});

describe("patient keys", () => {
  const secret = new Uint8Array(32).fill(7);

  it("keep apart identifiers whose texts join to the same", () => {
    expect(patientKey(secret, { system: "a", value: "bc" })).not.to.equal(
      patientKey(secret, { system: "ab", value: "c" }),
    );
  });

  it("are unlinkable between agreements", () => {
    const identifier = { system: "urn:example", value: "P1" };
    expect(patientKey(secret, identifier)).not.to.equal(patientKey(new Uint8Array(32), identifier));
  });

  it("need a secret of full length", () => {
    expect(() => patientKey(new Uint8Array(16), { system: "", value: "" })).to.throw(RangeError);
  });
});
