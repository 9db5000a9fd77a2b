/** Which mutant is active on every in-process chain of this process, and what was reached while recording. */

import type { NetworkConnection } from "hardhat/types/network";

import { RECORDING, SWITCH } from "./instrument.ts";

interface State {
  active: number;
  readonly connections: Set<NetworkConnection<string>>;
  /** Numbers of mutants reached since they were last taken. */
  readonly reached: Set<number>;
}

/** Hardhat loads its hooks apart from the tests: both find the state here. */
const KEY = Symbol.for("outcomepay:mutants");
const shared = globalThis as unknown as Record<symbol, State | undefined>;
export const state: State = (shared[KEY] ??= { active: 0, connections: new Set(), reached: new Set() });

/** Tells a chain the active mutant. Called again whenever the chain goes back to an earlier state. */
export async function tell({ provider }: NetworkConnection<string>): Promise<void> {
  const balance = `0x${state.active.toString(16)}`;
  await provider.request({ method: "hardhat_setBalance", params: [SWITCH, balance] });
}

/** Makes a mutant the active one; 0: none. Fixtures that an earlier one set up are forgotten. */
export async function activate(mutant: number): Promise<void> {
  state.active = mutant;
  for (const connection of state.connections) {
    const { networkHelpers } = connection as { networkHelpers?: { clearSnapshots(): void } };
    networkHelpers?.clearSnapshots();
    await tell(connection);
  }
}

export const record = (): Promise<void> => activate(RECORDING);

/** The mutants reached since the last call. */
export function takeReached(): number[] {
  const found = [...state.reached];
  state.reached.clear();
  return found;
}
