// The image, built and run step by step as an engine would: what is in it, and that it needs nothing but /data.

import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ended, lineOf, type Said } from '../e2e/terminal.ts';
import { freePort } from '../sandbox/free-port.ts';
import { startProject } from '../sandbox/project.ts';
import { startSlack } from '../sandbox/slack/server.ts';
import { type Container, containerOf } from './container.ts';
import { build, type Image, isSent } from './dockerfile.ts';
import { npmEnvironment } from './npm.ts';

const repository = new URL('../../', import.meta.url).pathname;
let directory: string;
let image: Image;
let container: Container;
let built: readonly string[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-image-'));
  await chmod(directory, 0o755);
  image = await build({ context: repository, into: directory, env: npmEnvironment() });
  container = await containerOf(image);
  built = await container.tree();
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const run = (argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Said> =>
  ended(container.start([...image.entrypoint, ...argv], env));

test('nothing is sent to the engine but what is copied: no secret, no test, no history', async () => {
  const ignored = await readFile(join(repository, '.dockerignore'), 'utf8');
  const secret = ['.env', '.env.production', 'src/.env', 'src/core/.env.local'];
  const other = ['.git/config', 'data/x.db', 'node_modules/a/b', 'dist/main.js', 'test/log.test.ts', 'src/run.log'];
  expect([...secret, ...other].filter((path) => isSent(path, ignored))).toEqual([]);
  const sent = ['package.json', 'package-lock.json', '.npmrc', 'tsconfig.json', 'LICENSE', 'src/store/sqlite/store.ts'];
  expect(sent.filter((path) => !isSent(path, ignored))).toEqual([]);
});

test('every stage stands on one base that is pinned by its digest, and says which', () => {
  const bases = image.instructions.filter(({ name }) => name === 'FROM').map(({ rest }) => rest.split(' ')[0]);
  expect(bases.length).toBeGreaterThan(1);
  expect(new Set(bases).size).toBe(1);
  expect(bases[0]).toMatch(/^node:24-slim@sha256:[0-9a-f]{64}$/);
});

test('what the last stage takes from the checkout can be read by its user, however strict the checkout is', () => {
  const { instructions } = image;
  const last = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));
  const copies = last.filter(({ name, rest }) => name === 'COPY' && !rest.includes('--from='));
  expect(copies.length).toBeGreaterThan(0);
  for (const { rest } of copies) expect(rest).toContain('--chmod=0644 ');
});

test('it is run by a user with a number that is not root, and without a shell', () => {
  expect(image.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  expect(image.entrypoint).toEqual(['node', '/app/dist/main.js']);
  expect(image.cmd).toEqual(['serve']);
  expect(image.health.slice(0, 2)).toEqual(image.entrypoint);
});

test('it holds the production dependencies of the lock file, the compiled bot, and nothing else', async () => {
  const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8'));
  expect(image.instructions.find(({ name }) => name === 'LABEL')?.rest).toContain(`image.version="${version}"`);
  const { packages } = JSON.parse(await readFile(join(repository, 'package-lock.json'), 'utf8'));
  const wanted = Object.entries<{ readonly dev?: true }>(packages).flatMap(([path, { dev }]) =>
    path === '' || dev === true ? [] : [path],
  );
  const { packages: installed } = JSON.parse(
    await readFile(join(image.root, 'app/node_modules/.package-lock.json'), 'utf8'),
  );
  expect(Object.keys(installed).sort()).toEqual(wanted.sort());
  expect((await readdir(join(image.root, 'app'))).sort()).toEqual(['LICENSE', 'dist', 'node_modules', 'package.json']);
  const sources = await readdir(join(repository, 'src'), { recursive: true });
  const compiled = sources.filter((name) => name.endsWith('.ts')).map((name) => name.replace(/ts$/, 'js'));
  const files = await readdir(join(image.root, 'app/dist'), { recursive: true });
  // Applications import the reporter, so it has its types.
  expect(files.filter((name) => name.includes('.')).sort()).toEqual([...compiled, 'reporter/reporter.d.ts'].sort());
});

test('help and version need no settings, and wrong settings are named', async () => {
  const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8'));
  expect(await run(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
  const help = await run(['help']);
  expect(help).toMatchObject({ code: 0, err: '' });
  expect(help.out).toContain('serve');
  const check = await run(['check'], { MONGODB_URI: 'nonsense' });
  expect(check).toMatchObject({ code: 2, out: '' });
  expect(check.err).toContain('MONGODB_URI');
});

test('the bot serves, is healthy, writes below /data alone, and ends well with SIGTERM', async () => {
  const project = await startProject();
  onTestFinished(() => project.close());
  const slack = await startSlack();
  onTestFinished(() => slack.close());
  const env = {
    ...project.env,
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    HEALTH_PORT: String(await freePort()),
  };
  const bot = container.start([...image.entrypoint, ...image.cmd], env);
  const gone = once(bot, 'close');
  onTestFinished(() => void bot.kill('SIGKILL'));
  const ready = await lineOf(bot, 'stderr', /bot is ready/);
  expect(ready).toContain(join(image.root, 'data'));
  bot.stderr?.resume();
  const health = await ended(container.start(image.health, { HEALTH_PORT: env.HEALTH_PORT }));
  expect(health).toMatchObject({ code: 0 });
  bot.kill('SIGTERM');
  expect(await gone).toEqual([0, null]);
  expect((await readdir(join(image.root, 'data'))).length).toBeGreaterThan(0);
  expect((await run(['health', '--live'], { HEALTH_PORT: env.HEALTH_PORT })).code).toBe(1);
});

test('nothing outside /data was changed, and as the user of the image nothing could be', async ({ skip }) => {
  expect(built.length).toBeGreaterThan(1_000);
  expect(await container.tree()).toEqual(built);
  if (!container.isOtherUser) return skip('only root can become the user of the image');
  const attempt = "require('node:fs').writeFileSync('/app/dist/main.js'.replace('/app', process.cwd()), '')";
  const { code, err } = await ended(container.start(['node', '-e', attempt]));
  expect(code).toBe(1);
  expect(err).toMatch(/EACCES|EROFS/);
});
