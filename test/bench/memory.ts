// What a large reading costs the reader's memory: 50,000 connections from 20,000 addresses, over one of 1,000.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { demoUsers } from '../sandbox/scenario/demo.ts';
import { medianOf, type Row } from './row.ts';

interface Memory {
  readonly connections: number;
  readonly hosts: number;
  readonly heap: number;
  readonly peak: number;
}

const here = (file: string) => new URL(file, import.meta.url).pathname;
const MB = 1024 * 1024;

export async function benchMemory(): Promise<Row[]> {
  const small = await readings(1_000, 300);
  const large = await readings(50_000, 20_000);
  if (large.connections < 50_000 || large.hosts < 20_000)
    throw new Error('the reading is not as large as it should be');
  const heap = (large.heap - small.heap) / MB;
  const peak = (large.peak - small.peak) / MB;
  const what = 'a reading of 50,000 connections from 20,000 addresses over one of 1,000:';
  return [
    { what: `${what} heap in use`, value: heap, unit: 'MB', reach: '≤ +10', ok: heap <= 10 },
    { what: `${what} peak resident`, value: peak, unit: 'MB', reach: '≤ +60', ok: peak <= 60 },
  ];
}

async function readings(connections: number, addresses: number): Promise<Memory> {
  const node = spawn(process.execPath, [here('crowd-node.ts'), String(connections), String(addresses)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [host]: unknown[] = await once(node.stdout, 'data');
    const [reader] = demoUsers;
    const uri = `mongodb://${reader?.user}:${reader?.password}@${String(host).trim()}/?directConnection=true`;
    const all: Memory[] = [];
    for (let run = 0; run < 3; run++) {
      const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', here('read-once.ts'), uri]);
      all.push(JSON.parse(stdout));
    }
    const [first] = all;
    if (first === undefined) throw new Error('nothing was read');
    return { ...first, heap: medianOf(all.map(({ heap }) => heap)), peak: medianOf(all.map(({ peak }) => peak)) };
  } finally {
    node.stdin.end();
    await once(node, 'exit');
  }
}
