/** The daily check of what a phone was shown: sixteen short sums, equal on both sides or repaired. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

export const BUCKETS = 16;

/** Feed, kind, id and the number last told. */
export type Row = readonly [via: string, kind: string, id: string, n: number];

function hashed(...parts: readonly (string | number)[]): Uint8Array {
  return sha256(utf8ToBytes(parts.join("\0")));
}

export function bucketOf(kind: string, id: string): number {
  return (hashed(kind, id)[0] ?? 0) >> 4;
}

/** Sum rows into buckets, 16 hexadecimal digits each; the order of the rows does not matter. */
export function digest(rows: Iterable<Row>): readonly string[] {
  const sums = Array.from({ length: BUCKETS }, () => new Uint8Array(8));
  for (const row of rows) {
    const sum = sums[bucketOf(row[1], row[2])];
    const hash = hashed(...row);
    sum?.forEach((byte, index) => {
      sum[index] = byte ^ (hash[index] ?? 0);
    });
  }
  return sums.map(bytesToHex);
}
