// Naming addresses: our table against a loop over ipaddr.js, the same addresses and entries in one run.

import ipaddr from 'ipaddr.js';
import { parseIp } from '../../src/core/net/address.ts';
import { parseCidr } from '../../src/core/net/cidr.ts';
import { prefixTable } from '../../src/core/net/prefix-table.ts';
import { medianOf, type Row } from './row.ts';

const ADDRESSES = 100_000;
const ENTRIES = 200;

export function benchMatching(): Row[] {
  const random = seeded(7);
  const entries = Array.from({ length: ENTRIES }, () => randomEntry(random));
  const addresses = Array.from({ length: ADDRESSES }, () => randomAddress(random));
  const sample = addresses.slice(0, ADDRESSES / 10);
  const loop = medianOf(runs(() => time(() => countByLoop(sample, entries)) * 10));
  const table = medianOf(runs(() => time(() => countByTable(addresses, entries))));
  if (countByLoop(sample, entries) !== countByTable(sample, entries)) throw new Error('the two do not agree');
  const ratio = loop / table;
  const what = `naming ${ADDRESSES.toLocaleString('en-US')} addresses by ${ENTRIES} entries, a loop over ipaddr.js against ours`;
  return [{ what, value: ratio, unit: '× faster', reach: '≥ 50', ok: ratio >= 50 }];
}

function countByTable(addresses: readonly string[], entries: readonly string[]): number {
  const rows = entries.flatMap((text) => {
    const block = parseCidr(text);
    return block ? [{ block, value: block.prefix }] : [];
  });
  const table = prefixTable(rows);
  let sum = 0;
  for (const text of addresses) {
    const address = parseIp(text);
    sum += (address && table.find(address)) ?? 0;
  }
  return sum;
}

function countByLoop(addresses: readonly string[], entries: readonly string[]): number {
  const blocks = entries.map((text) => ipaddr.parseCIDR(text));
  let sum = 0;
  for (const text of addresses) {
    const address = ipaddr.process(text);
    let longest = -1;
    for (const block of blocks) {
      if (address.kind() === block[0].kind() && address.match(block) && block[1] > longest) longest = block[1];
    }
    if (longest > 0) sum += longest;
  }
  return sum;
}

function randomAddress(random: () => number): string {
  const octet = () => Math.floor(random() * 256);
  if (random() < 0.85) return `${[10, 52, 203][Math.floor(random() * 3)]}.${octet()}.${octet()}.${octet()}`;
  return `2001:db8:${octet().toString(16)}::${octet().toString(16)}`;
}

function randomEntry(random: () => number): string {
  const address = randomAddress(random);
  return address.includes(':') ? `${address}/48` : `${address}/${8 + Math.floor(random() * 25)}`;
}

const runs = (measure: () => number) => Array.from({ length: 15 }, measure);

function time(work: () => unknown): number {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start);
}

/** mulberry32: the same numbers on every machine. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
