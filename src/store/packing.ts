// Text as it is kept: compressed, at once.

import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Packing } from '../core/ports.ts';

export const packing: Packing = {
  pack: (text) => zstdCompressSync(text),
  unpack: (packed) => zstdDecompressSync(packed).toString('utf8'),
};
