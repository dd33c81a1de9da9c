// `npm run soak -- --minutes 60 --clusters 30 --every 60`: the real bot at work for hours, with people, alerts and trouble.
// A line a minute; at the end a verdict, and exit code 1 where memory or handles grow, a node has more connections than
// one and its monitor, or anything is lost or doubled.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openSoak } from './soak.ts';
import { judged } from './verdict.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    clusters: { type: 'string', default: '6' },
    /** Seconds between two readings of a cluster: a part of a minute, or 60. */
    every: { type: 'string', default: '60' },
  },
});
const minutes = Number(values.minutes);
const every = Number(values.every);
const clusters = Number(values.clusters);
if (!(minutes > 0 && clusters > 0 && 60 % every === 0))
  throw new Error('--minutes, --clusters, --every: 60, 30, 10, 5, …');

const say = (text: string) => process.stdout.write(`${new Date().toISOString().slice(11, 19)}  ${text}\n`);
// The bot ends with this process, however it ends.
for (const [name, number] of Object.entries({ SIGINT: 2, SIGTERM: 15 }))
  process.once(name, () => process.exit(128 + number));
const directory = await mkdtemp(join(tmpdir(), 'atlas-conns-soak-'));
const soak = await openSoak({ directory, clusters, everyMs: every * 1_000, say });
try {
  say(
    `the bot is process ${soak.pid}; ${clusters} clusters of 3 nodes, a reading every ${every} s, for ${minutes} minutes`,
  );
  await soak.run(minutes * 60_000);
  const { lines, isWell } = await judged(await soak.finish(), directory);
  for (const line of lines) say(line);
  say(isWell ? 'well: nothing grew, nothing was lost' : 'NOT WELL');
  process.exitCode = isWell ? 0 : 1;
} finally {
  await soak.close();
  await rm(directory, { recursive: true, force: true });
}
