/** The life of a cohort with peers that settle patient by patient. */

import { measureLife } from "../../test/contracts/gas.life.ts";
import type { Results } from "../bench.ts";
import { gas, times } from "./format.ts";
import type { Peer } from "./peer.ts";
import { PATIENT_PEERS, words } from "./peers.ts";
import { measureRevocation } from "./peers/attestations.ts";

const SIZES = [1, 10, 100, 1_000];
const COMPARED = 1_000;
/** Beyond what is measured of every peer. */
const MOST = 100_000;
/** Parts of a thousand by which twice as many patients may differ from twice the gas. */
const TOLERANCE = 2n;

/** A thousand patients' gas, as often as it takes. @throws Error when two thousand do not cost twice as much */
async function extrapolate(peer: Peer, measured: bigint): Promise<bigint> {
  const twice = await peer.live(2 * COMPARED, 1);
  const difference = twice - 2n * measured;
  if ((difference < 0n ? -difference : difference) * 1_000n > twice * TOLERANCE) {
    throw new Error(`${peer.name}: found ${twice} for ${2 * COMPARED} patients, expected twice ${measured}`);
  }
  return measured * BigInt(MOST / COMPARED);
}

export async function measure(note: (line: string) => void): Promise<Results> {
  const sizes = [...SIZES, MOST];
  const rows = [["system", ...sizes.map((size) => size.toLocaleString("en")), "1,000 against ours", "goal"]];
  const ours = new Map<number, bigint>();
  for (const size of sizes) ours.set(size, await measureLife(size, 1));
  const compared = ours.get(COMPARED) ?? 0n;
  rows.push(["**outcomepay**, 1 + 1 calls", ...[...ours.values()].map(gas), times(compared, compared), "–"]);

  const cheaper = new Map<number, number>();
  for (const peer of PATIENT_PEERS) {
    note(peer.name);
    const found = new Map<number, bigint>();
    for (const size of SIZES) {
      const theirs = await peer.live(size, 1);
      found.set(size, theirs);
      cheaper.set(size, (cheaper.get(size) ?? 0) + (theirs < (ours.get(size) ?? 0n) ? 1 : 0));
    }
    const theirs = found.get(COMPARED) ?? 0n;
    const most = peer.quick ? gas(await peer.live(MOST, 1)) : `≈ ${gas(await extrapolate(peer, theirs))}`;
    const goal = peer.goal === undefined ? "–" : `${peer.goal}×`;
    rows.push([peer.name, ...[...found.values()].map(gas), most, times(theirs, compared), goal]);
  }

  const often = await measureLife(COMPARED, 10);
  const beaten = SIZES.map(
    (size) => `${cheaper.get(size)} for ${size === 1 ? "one patient" : size.toLocaleString("en")}`,
  ).join(", ");
  const setting = `Where each patient is settled by itself, the chain's charge grows with the patients; with us it does not. How many of the ${PATIENT_PEERS.length} other systems below cost less than ours: ${beaten}.

Gas of the same story for 1 to 100,000 patients on the same chain in the same run: 1,000 a patient, of which 400 are paid at once and 600 are at risk, one report, one patient in five comes out badly. Every system is charged with the payment at once (one ERC-20 transfer for all), is batched as far as a transaction's 2²⁴ gas allows, and is checked to have moved the money to where the story says; deployment, deposits and approvals are left out. Ours in 10 + 10 calls takes ${gas(often)} for 1,000 patients. ≈ is a hundred times the figure of 1,000 patients; twice as many are measured to cost twice as much, within 0.2%. Goal: how many times ours a system's gas is at least to be for 1,000 patients. An EAS attestation that is wrong or made twice costs ${gas(await measureRevocation())} to revoke.`;
  return { setting, rows, words: words(PATIENT_PEERS), sameEverywhere: true };
}
