/** Bytes as they go into hashes: big-endian integers of fixed width, hex with 0x in lower case. */

/** Hex with 0x, lower case: ordered as text it is ordered as bytes. */
export type Hex = `0x${string}`;

const INT128_LIMIT = 1n << 127n;
const LOW_64 = (1n << 64n) - 1n;

export function toHex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`;
}

/** @throws RangeError when `hex` is not `length` bytes of hex with 0x. */
export function fromHex(hex: string, length: number): Uint8Array {
  const bytes = Buffer.alloc(length);
  writeHex(bytes, hex, 0, length);
  return bytes;
}

/** Writes `length` bytes of `hex` at `offset`. @throws RangeError when it is anything else. */
export function writeHex(into: Buffer, hex: string, offset: number, length: number): void {
  const fits = hex.length === 2 + 2 * length && hex.startsWith("0x");
  if (!fits || into.write(hex.slice(2), offset, length, "hex") !== length) {
    throw new RangeError(`expected ${length} bytes of hex with 0x, found ${hex.slice(0, 80)}`);
  }
}

/** Writes a signed 128-bit integer, two's complement. @throws RangeError when it does not fit. */
export function writeInt128(into: Buffer, value: bigint, offset: number): void {
  if (value >= INT128_LIMIT || value < -INT128_LIMIT)
    throw new RangeError(`${value.toString()} does not fit in int128`);
  into.writeBigInt64BE(value >> 64n, offset);
  into.writeBigUInt64BE(value & LOW_64, offset + 8);
}
