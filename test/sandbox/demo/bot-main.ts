// The bot of the demo: the real one, as src/main.ts starts it, by a clock that goes as fast as the demo says.

import { readFile } from 'node:fs/promises';
import { createApp } from '../../../src/app/app.ts';
import { run } from '../../../src/cli/run.ts';
import { LONGEST_POSTPONEMENT } from '../../../src/core/alerting/delivery.ts';
import { createLog } from '../../../src/log.ts';
import { createClock, type Piece } from './clock.ts';

/**
 * What the bot measures by its clock, in milliseconds of it: at the highest speed a real second is 24 minutes. But it
 * looks into the outbox (`idle`), waits for a slot (at most `horizon`) and for another replica (`doubt`) by the clock of
 * the machine.
 */
const HOUR = 3_600_000;
const timing = {
  remember: 6 * HOUR,
  notifier: {
    ...{ pace: 1, horizon: 50, idle: 100, lease: LONGEST_POSTPONEMENT, retry: { least: 1_000, most: 60_000 } },
    ...{ doubt: 500, outage: { least: 60_000, most: 30 * 60_000 }, keep: 240 * HOUR, late: 12 * HOUR },
    ...{ draw: 5_000, remember: 6 * HOUR },
  },
};

const [first = '{}'] = process.argv.slice(2);
const read = (path: string | URL) => readFile(path, 'utf8');
const { version }: { version: string } = JSON.parse(await read(new URL('../../../package.json', import.meta.url)));
const clock = createClock(JSON.parse(first));
const stopping = new AbortController();
process.on('message', (piece: Piece) => clock.follow(piece));
for (const event of ['SIGINT', 'SIGTERM', 'disconnect']) process.once(event, () => stopping.abort());

const log = await createLog({
  level: process.env['LOG_LEVEL'] ?? 'info',
  pretty: false,
  now: clock.now,
  write: (line) => void process.stderr.write(line),
});
const app = createApp({
  env: process.env,
  version,
  now: clock.now,
  wait: clock.wait,
  random: Math.random,
  readFile: read,
  progress: () => undefined,
  log,
  timing,
});
const err = (text: string) => void process.stderr.write(log.redact(text));
const terminal = { columns: 80, colors: false, out: async (text: string) => err(text), err };
process.exitCode = await run({
  ...{ argv: ['serve'], commands: app, terminal, version, log, random: Math.random },
  signal: stopping.signal,
});
await app.close();
process.exit();
