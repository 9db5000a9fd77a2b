/** By code unit, the same on every machine; for lower-case hex that is the order of the bytes. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
