// The terminal on the stand-in project: the commands as a person would type them, with what they print.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StandInProject } from '../project.ts';

const main = new URL('../../../src/main.ts', import.meta.url).pathname;

export async function showTerminal(project: StandInProject, say: (text: string) => void): Promise<void> {
  // `check` makes a store. It must not be the one that a bot started here uses.
  const directory = await mkdtemp(join(tmpdir(), 'atlas-conns-demo-'));
  try {
    await typeAll(project, { ...process.env, ...project.env, ATLAS_CONNS_DATA_DIR: directory }, say);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function typeAll(project: StandInProject, env: NodeJS.ProcessEnv, say: (text: string) => void): Promise<void> {
  const type = async (...args: readonly string[]) => {
    say(`\n$ atlas-conns ${args.map((arg) => (arg.includes(' ') ? `"${arg}"` : arg)).join(' ')}\n`);
    await once(spawn(process.execPath, [main, ...args], { env, stdio: 'inherit' }), 'exit');
  };
  await type('check');
  await type('report', 'prod');
  await type('report', 'prod', '--by', 'app');
  await type('report', 'prod', '--source', 'Billing API');
  project.scenario.cluster('prod').spike('Billing API', 6);
  await project.scenario.cluster('prod').lostNode(1);
  say('\nNow one source spikes, and one node cannot be reached:');
  await type('report', 'prod');
  await type('report', 'sandbox');
  await type('report', 'prdo');
  say('\nFor a project of yours, set MONGODB_ATLAS_PROJECT_ID, MONGODB_ATLAS_CLIENT_ID, MONGODB_ATLAS_CLIENT_SECRET,');
  say('MONGODB_USERNAME and MONGODB_PASSWORD (or MONGODB_URI), and run: npx atlas-conns check');
}
