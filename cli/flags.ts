/** Readers of flags that several commands share. */

import { getAddress } from "ethers";

import { UsageError } from "./output.ts";

/** The checksummed address. @throws UsageError */
export function readAddressFlag(flag: string, text: string): string {
  try {
    if (/^0x[0-9a-fA-F]{40}$/.test(text)) return getAddress(text);
  } catch {
    throw new UsageError(`${flag}: found ${text}, whose checksum is wrong`);
  }
  throw new UsageError(`${flag}: found ${text}, expected an address: 0x and 40 hexadecimal digits`);
}

/** A whole number from 0 to `most`. @throws UsageError */
export function readWholeFlag(flag: string, text: string, most: number): number {
  const value = /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : NaN;
  if (value <= most) return value;
  throw new UsageError(`${flag}: found ${text}, expected a whole number from 0 to ${most}`);
}
