// Compresses the store's text off the main thread.

import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { Binary } from 'mongodb';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

export async function packed(content: string | Uint8Array): Promise<Binary> {
  return new Binary(await compress(content));
}

/** Rejects for invalid compressed data. */
export async function unpacked(binary: Binary): Promise<Buffer> {
  return decompress(binary.value());
}
