// The whole command against a bare Node process that only connects to the same nodes and counts.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startProject } from '../sandbox/project.ts';
import { demoUsers } from '../sandbox/scenario/demo.ts';
import { medianOf, type Row } from './row.ts';

const here = (file: string) => new URL(file, import.meta.url).pathname;
const RUNS = 7;

/** `dist/` must be built of the sources as they are. */
export async function benchProcess(): Promise<Row[]> {
  const project = await startProject();
  try {
    const [reader] = demoUsers;
    const uri = project.scenario.cluster('prod').set.uri.replace('://', `://${reader?.user}:${reader?.password}@`);
    const report = [here('../../dist/main.js'), 'report'];
    const bare = [here('count-bare.ts')];
    const ratios: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const ours = await seconds(report, { ...process.env, MONGODB_URI: uri });
      const theirs = await seconds(bare, { ...process.env, MONGODB_URI: uri });
      ratios.push(ours / theirs);
    }
    const value = medianOf(ratios);
    const what = 'whole process `report` on three nodes, against a bare process that connects and counts';
    return [{ what, value, unit: '×', reach: '≤ 2', ok: value <= 2 }];
  } finally {
    await project.close();
  }
}

async function seconds(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const start = process.hrtime.bigint();
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  // 1: without Atlas credentials the report says that it could not name addresses.
  if (code !== 0 && code !== 1) throw new Error(`${args.join(' ')} ended with ${String(code)}`);
  return Number(process.hrtime.bigint() - start) / 1e9;
}
