// `npm run demo`: a stand-in Atlas project with three clusters, and the real command on it, as its users would type it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startProject } from './project.ts';

const main = new URL('../../src/main.ts', import.meta.url).pathname;

const project = await startProject();
try {
  const env = { ...process.env, ...project.env };
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const type = async (...args: readonly string[]) => {
    say(`\n$ atlas-conns ${args.map((arg) => (arg.includes(' ') ? `"${arg}"` : arg)).join(' ')}\n`);
    const child = spawn(process.execPath, [main, ...args], { env, stdio: 'inherit' });
    await once(child, 'exit');
  };
  say('A stand-in Atlas project: the Admin API over HTTP, nodes that speak the MongoDB wire protocol, on loopback.');
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
} finally {
  await project.close();
}
