// The npm package: packed from a copy of the checkout, installed by the real npm in an empty folder, and used there.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startDaemon, TOKEN } from '../reporter/daemon.ts';
import { cachedPackage, oldestNode } from '../sandbox/drivers/packages.ts';
import { npmEnvironment } from './npm.ts';

const run = promisify(execFile);
const repository = new URL('../../', import.meta.url).pathname;
const dump = new URL('../fixtures/currentop/primary.json', import.meta.url).pathname;

const old = await oldestNode();

let directory: string;
let tarball: string;

const npm = (cwd: string, ...argv: readonly string[]) => run('npm', [...argv], { cwd, env: npmEnvironment() });
const readJson = async (path: string) => JSON.parse(await readFile(path, 'utf8'));

/** An empty project of somebody who installs the package. */
async function emptyProject(name: string, npmrc = ''): Promise<string> {
  const path = join(directory, name);
  await mkdir(path);
  await writeFile(join(path, 'package.json'), '{ "private": true }');
  await writeFile(join(path, '.npmrc'), npmrc);
  return path;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-package-'));
  const checkout = join(directory, 'checkout');
  const { stdout } = await run('git', ['ls-files', '-z'], { cwd: repository });
  const isPackaged = (path: string) => !path.startsWith('test/') || path.startsWith('test/e2e/pictures/');
  for (const path of stdout.split('\0').filter((path) => path !== '' && isPackaged(path)))
    await cp(join(repository, path), join(checkout, path));
  await symlink(join(repository, 'node_modules'), join(checkout, 'node_modules'));
  await mkdir(join(checkout, 'dist'));
  await writeFile(join(checkout, 'dist', 'of-an-older-build.js'), '');
  const packed = await npm(checkout, 'pack', '--json', '--pack-destination', directory);
  const [{ filename }] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('[')));
  tarball = join(directory, filename);
  // What the pack needed for itself is gone again.
  await expect(readFile(join(checkout, 'npm-shrinkwrap.json'))).rejects.toThrow('ENOENT');
});
afterAll(() => rm(directory, { recursive: true, force: true }));

test('the package works where it is installed, and has every file that its READMEs link to', async () => {
  const project = await emptyProject('installed');
  await npm(project, 'install', '--ignore-scripts', tarball);
  const installed = join(project, 'node_modules/atlas-conns');
  const command = (...argv: readonly string[]) =>
    run(join(project, 'node_modules/.bin/atlas-conns'), [...argv], { cwd: project, env: npmEnvironment() });

  expect((await command('--help')).stdout).toContain('report');
  const { stdout } = await command('report', '--from', dump, '--json').catch((failed) => failed);
  expect(JSON.parse(stdout)).toMatchObject({ schema: 'atlas-conns/report/1', cluster: 'saved' });

  const shipped = await readdir(join(installed, 'src'), { recursive: true });
  const pages = ['README.md', ...shipped.filter((path) => path.endsWith('.md')).map((path) => join('src', path))];
  expect(pages.length).toBeGreaterThan(6);
  for (const page of pages) {
    const links = (await readFile(join(installed, page), 'utf8')).matchAll(/\]\((?!https?:|#)([^)#]+)/g);
    for (const [, link = ''] of links) await access(join(installed, dirname(page), link));
  }
  for (const path of ['manifest.yml', 'SECURITY.md', 'LICENSE']) await readFile(join(installed, path));
  await expect(readFile(join(installed, 'dist/of-an-older-build.js'))).rejects.toThrow('ENOENT');
});

test('an application imports the reporter from the package, with types that fit each driver', async () => {
  const project = await emptyProject('application');
  await npm(project, 'install', '--ignore-scripts', tarball);
  const text = `import { reportPools } from 'atlas-conns/reporter';
    import manifest from 'atlas-conns/package.json' with { type: 'json' };
    console.log(manifest.name, typeof reportPools, await reportPools(undefined)());`;
  await writeFile(join(project, 'application.mjs'), text);
  const { stdout } = await run(process.execPath, ['application.mjs'], { cwd: project, env: npmEnvironment() });
  expect(stdout).toBe('atlas-conns function undefined\n');
  const required = "import('atlas-conns/reporter').then(({ reportPools }) => console.log(typeof reportPools))";
  const common = await run(process.execPath, ['--eval', required], { cwd: project, env: npmEnvironment() });
  expect(common.stdout).toBe('function\n');

  const drivers = { 4: '', 5: '', 6: '', 7: join(repository, 'node_modules/mongodb') };
  for (const version of ['4', '5', '6'] as const) drivers[version] = await cachedPackage('mongodb', version);
  const uses = Object.entries(drivers).map(([version, folder]) => ({ version, types: join(folder, 'mongodb.d.ts') }));
  const imports = uses.map(({ version, types }) => `import type { MongoClient as Client${version} } from '${types}';`);
  const calls = uses.map(
    ({ version }) => `declare const client${version}: Client${version};\nreportPools(client${version});`,
  );
  const wrong = '// @ts-expect-error: no client\nreportPools({});';
  const types = ["import { reportPools } from 'atlas-conns/reporter';", ...imports, ...calls, wrong];
  await writeFile(join(project, 'types.mts'), types.join('\n'));
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--allowImportingTsExtensions'];
  const tsc = [join(repository, 'node_modules/typescript/bin/tsc'), ...options, '--types', '', 'types.mts'];
  const checked = await run(process.execPath, tsc, { cwd: project }).catch((failed) => failed);
  expect(checked.stdout).toBe('');
});

test(`the one file of the reporter works alone, on Node.js ${old.version}`, async () => {
  const folder = await emptyProject('alone');
  const project = join(directory, 'installed-for-copy');
  await mkdir(project);
  await run('tar', ['xzf', tarball, '-C', project]);
  await cp(join(project, 'package/dist/reporter/reporter.js'), join(folder, 'reporter.mjs'));
  const daemon = await startDaemon();
  onTestFinished(() => daemon.close());
  const text = `import { EventEmitter } from 'node:events';
    import { reportPools } from './reporter.mjs';
    const client = new EventEmitter();
    const stop = reportPools(client, { url: '${daemon.url}', token: '${TOKEN}' });
    client.emit('connectionCreated', { address: 'a:1', connectionId: 1 });
    await stop();`;
  await writeFile(join(folder, 'application.mjs'), text);
  const { stdout, stderr } = await run(old.path, ['application.mjs'], { cwd: folder });
  expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' });
  expect(daemon.last()).toMatchObject({ bye: true, clients: [{ pools: { 'a:1': { now: { pending: 1 } } } }] });
  // The one for PyMongo is to be copied, too.
  await access(join(project, 'package/src/reporter/atlas_conns_pools.py'));
});

test('from a registry each dependency is installed as it was locked, and none that only development needs', async () => {
  const unpacked = join(directory, 'unpacked');
  await mkdir(unpacked);
  await run('tar', ['xzf', tarball, '-C', unpacked]);
  const manifest = await readJson(join(unpacked, 'package/package.json'));
  const shrinkwrap = await readJson(join(unpacked, 'package/npm-shrinkwrap.json'));
  const lock = await readJson(join(repository, 'package-lock.json'));
  const registry = await registryOf({ ...manifest, name: '@packed/atlas-conns' }, await readFile(tarball));
  const project = await emptyProject('from-registry', `@packed:registry=${registry}\n`);
  await npm(project, 'install', '--ignore-scripts', '@packed/atlas-conns');

  const installed = await readJson(join(project, 'node_modules/.package-lock.json'));
  const below = 'node_modules/@packed/atlas-conns/';
  const found = Object.entries<{ integrity: string }>(installed.packages).filter(([path]) => path.startsWith(below));
  expect(found.length).toBeGreaterThan(100);
  for (const [path, { integrity }] of found)
    expect({ path, integrity }).toEqual({ path, integrity: lock.packages[path.slice(below.length)].integrity });
  expect(Object.keys(shrinkwrap.packages).filter((path) => lock.packages[path].dev)).toEqual([]);
  // All of it stands below the package, where nothing else of the project can change it.
  expect(Object.keys(installed.packages).filter((path) => !path.startsWith(below.slice(0, -1)))).toEqual([]);
});

/** A registry of one package. The real one says `_hasShrinkwrap` too: npm looks for a shrinkwrap only then. */
async function registryOf(manifest: { readonly name: string; readonly version: string }, content: Buffer) {
  const server = createServer((request, response) => {
    if (request.url === '/package.tgz') return response.end(content);
    const { name, version } = manifest;
    const integrity = `sha512-${createHash('sha512').update(content).digest('base64')}`;
    const dist = { tarball: `${address}/package.tgz`, integrity };
    const versions = { [version]: { ...manifest, _hasShrinkwrap: true, dist } };
    return response.end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions }));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return `${address}/`;
}
