/** The outcomes root of a million leaves, beside the same tree by a Keccak in plain JavaScript. */

import { keccak_256 } from "@noble/hashes/sha3.js";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

import { toHex, type Hex } from "../oracle/report/bytes.ts";
import { encodeReportLeaf, hashReportLeaves, type ReportLeaf } from "../oracle/report/leaf.ts";
import { merkleRoot } from "../oracle/report/root.ts";
import { fastest, ratio, seconds, type Bench } from "./bench.ts";

const LEAVES = 1_000_000;
const RUNS = 3;
const GOAL = 5;

function drawLeaves(count: number): ReportLeaf[] {
  const random = xoroshiro128plus(20_260_601);
  const draw = (): Hex => {
    const bytes = Buffer.alloc(32);
    for (let at = 0; at < bytes.length; at += 4) bytes.writeInt32BE(uniformInt(random, -(2 ** 31), 2 ** 31 - 1), at);
    return toHex(bytes);
  };
  return Array.from({ length: count }, (_, i) => {
    const value = BigInt(i % 400);
    return { tier: 0, patientKey: draw(), batch: 1, value, runningSum: value, blind: draw() };
  });
}

/** The tree as `docs/protocol.md` says it, one hash after the other. */
function plainRoot(leaves: readonly ReportLeaf[]): Hex {
  let level: Uint8Array[] = leaves.map((leaf) => keccak_256(encodeReportLeaf(leaf)));
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = [level[i], level[i + 1]];
      if (left === undefined) continue;
      above.push(right === undefined ? left : keccak_256(Buffer.concat([Uint8Array.of(0x01), left, right])));
    }
    level = above;
  }
  const count = Buffer.alloc(4);
  count.writeUInt32BE(leaves.length);
  return toHex(keccak_256(Buffer.concat([Uint8Array.of(0x02), count, level[0] ?? new Uint8Array(32)])));
}

export const root: Bench = {
  name: "root",
  title: "Outcomes root of a million leaves",
  run: async (note) => {
    note(`drawing ${LEAVES.toLocaleString("en")} leaves`);
    const leaves = drawLeaves(LEAVES);
    note("hashing them in WebAssembly");
    let ours: Hex = "0x";
    const own = await fastest(RUNS, () => (ours = merkleRoot(hashReportLeaves(leaves))));
    note("hashing them in plain JavaScript");
    let theirs: Hex = "0x";
    const peer = await fastest(1, () => (theirs = plainRoot(leaves)));
    if (ours !== theirs) throw new Error(`the roots differ: ${ours} here, ${theirs} there`);
    return {
      setting:
        `Encoding, hashing and joining ${LEAVES.toLocaleString("en")} report leaves on one core, the fastest of ${RUNS} ` +
        `runs (plain JavaScript: one run). The goal is ${GOAL} s.`,
      rows: [
        ["Keccak-256", "time", "against plain JavaScript"],
        ["WebAssembly (ours)", seconds(own), ratio(peer, own)],
        ["plain JavaScript (@noble/hashes)", seconds(peer), "1.0×"],
      ],
    };
  },
};
