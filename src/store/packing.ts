// Compresses text, synchronously.

import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Packing } from '../core/base/clock.ts';

export const packing: Packing = {
  // A copy: the result is a slice of a much larger buffer, which would stay in memory.
  pack: (text) => new Uint8Array(zstdCompressSync(text)),
  unpack: (packed) => zstdDecompressSync(packed).toString('utf8'),
};
