// The demo's stand-ins without its bot: their settings, in a file, are all that a bot needs.

import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openStandIns } from '../sandbox/demo/stand-ins.ts';
import { ended } from './terminal.ts';

const main = new URL('../../src/main.ts', import.meta.url).pathname;

test('with the settings that are printed a check finds everything in order, and the outages that buttons make', async () => {
  const standIns = await openStandIns();
  onTestFinished(() => standIns.close());
  const directory = await mkdtemp(join(tmpdir(), 'atlas-conns-stand-ins-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, '.env'), standIns.dotEnv);
  const check = () => ended(spawn(process.execPath, [main, 'check'], { cwd: directory, env: {} }));
  const press = (id: string) =>
    fetch(`${standIns.url}/control`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id }),
    });
  expect(await check()).toMatchObject({ code: 0, err: '' });
  for (const id of ['slack-fails', 'atlas-fails']) expect((await press(id)).status).toBe(200);
  const failed = await check();
  expect(failed).toMatchObject({ code: 1 });
  expect(failed.out).toMatch(/Slack/);
  expect(failed.out).toMatch(/Atlas/);
  for (const id of ['slack-works', 'atlas-works']) await press(id);
  expect(await check()).toMatchObject({ code: 0, err: '' });
});
