// `npx atlas-conns` in a checkout, on a machine whose own Node.js is older than the package wants.

import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { npmEnvironment } from './npm.ts';

const settings = new URL('../../.npmrc', import.meta.url).pathname;
let directory: string;

/** A package that wants a Node.js that no machine has, so that npm has something to warn about on this one. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-npx-'));
  const manifest = {
    name: 'atlas-conns',
    version: '0.1.0',
    engines: { node: '>=999' },
    bin: { 'atlas-conns': 'main.js' },
  };
  await writeFile(join(directory, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(directory, 'main.js'), "#!/usr/bin/env node\nconsole.log('answered');\n");
  await chmod(join(directory, 'main.js'), 0o755);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

function npx() {
  const env = { ...npmEnvironment(), npm_config_cache: join(directory, 'cache') };
  return promisify(execFile)('npx', ['atlas-conns'], { cwd: directory, env });
}

test('npm warns of an older Node.js, and with the settings of the checkout it does not', async () => {
  const warned = await npx();
  expect(warned.stdout).toBe('answered\n');
  expect(warned.stderr).toContain('EBADENGINE');
  await copyFile(settings, join(directory, '.npmrc'));
  expect(await npx()).toEqual({ stdout: 'answered\n', stderr: '' });
});
