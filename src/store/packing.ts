// Text as it is kept: compressed, at once.

import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Packing } from '../core/base/clock.ts';

export const packing: Packing = {
  // A copy: what comes is a slice of a buffer many times as large, which would stay with it.
  pack: (text) => new Uint8Array(zstdCompressSync(text)),
  unpack: (packed) => zstdDecompressSync(packed).toString('utf8'),
};
