/** How gas is written. */

/** With thousands apart. */
export const gas = (amount: bigint): string => amount.toLocaleString("en");

/** How many times ours a peer's gas is: under 10 with two decimals. */
export function times(peer: bigint, ours: bigint): string {
  const found = Number(peer) / Number(ours);
  return `${found < 10 ? found.toFixed(2) : found.toFixed(0)}×`;
}
