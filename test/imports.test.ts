// Who may import whom: the table of the README's picture of the house, held against the code.

import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

const src = new URL('../src/', import.meta.url).pathname;

/** Rooms and packages that each room may import, beside itself. `*` is everything. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: ['ipaddr.js', 'fastest-levenshtein'],
  errors: ['core'],
  files: ['errors', 'node'],
  atlas: ['core', 'errors', 'undici', 'node'],
  driver: ['core', 'errors', 'mongodb', 'node'],
  cluster: ['core', 'errors', 'driver', 'mongodb', 'node'],
  store: ['core', 'errors', 'driver', 'mongodb', 'node'],
  slack: ['core', 'errors', '@slack/bolt', '@slack/web-api', '@slack/types', 'node'],
  http: ['core', 'errors', 'prom-client', 'node'],
  cli: ['core', 'errors', 'commander', 'string-width', 'wrap-ansi', 'node'],
  config: ['core', 'errors', 'zod', 'yaml', 'node'],
  log: ['core', 'errors', 'pino', 'pino-pretty', 'node'],
  'app/scheduler': ['core', 'errors', 'app', 'node-cron'],
  'app/app': ['*'],
  'app/serve': ['*'],
  'app/check-slack': ['*'],
  'app/open-store': ['*'],
  'app/saved': ['*'],
  'app/proxied': ['core', 'errors', 'undici', '@slack/web-api'],
  'app/check-watch': ['core', 'errors', 'app', 'app/scheduler'],
  'app/terminal-watch': ['core', 'errors', 'app', 'app/watch'],
  app: ['core', 'errors', 'app/scheduler'],
  main: ['*'],
};

/** The most specific row of the table: a file's own, else its room's. */
function roomOf(file: string): string {
  const path = file.replace(/\.ts$/, '');
  return path in MAY_IMPORT ? path : (path.split('/')[0] ?? path);
}

function namesIn(file: string): readonly string[] {
  const text = readFileSync(join(src, file), 'utf8');
  return [...text.matchAll(/(?:^import |^\} from |^(?:import|export) .*\bfrom |\bimport\()'([^']+)'/gm)].map(
    (match) => match[1] ?? '',
  );
}

/** Of the house itself, by their paths below src. */
function filesOf(file: string): readonly string[] {
  return namesIn(file).flatMap((name) => (name.startsWith('.') ? [normalize(join(dirname(file), name))] : []));
}

function importsOf(file: string): readonly string[] {
  return namesIn(file).map((name) => {
    if (name.startsWith('.')) return roomOf(normalize(join(dirname(file), name)));
    if (name.startsWith('node:') || builtinModules.includes(name)) return 'node';
    return name.startsWith('@') ? name.split('/').slice(0, 2).join('/') : (name.split('/')[0] ?? name);
  });
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

test.each(files)('%s imports only what its room may', (file) => {
  const room = roomOf(file);
  const allowed = MAY_IMPORT[room];
  expect(allowed, `no row of the table is about ${room}`).toBeDefined();
  const forbidden = importsOf(file).filter(
    (name) => !allowed?.includes('*') && name !== room && !allowed?.includes(name),
  );
  expect(forbidden).toEqual([]);
});

test.each(files)('%s is a small room', (file) => {
  expect(readFileSync(join(src, file), 'utf8').split('\n').length).toBeLessThanOrEqual(401);
});

test('no file needs one that needs it', () => {
  const next = new Map(files.map((file) => [file, filesOf(file)]));
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (file: string, way: readonly string[]) => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' → '));
    if (done.has(file) || way.includes(file)) return;
    for (const other of next.get(file) ?? []) walk(other, [...way, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  expect(circles).toEqual([]);
});

test('the core neither reads the clock nor the environment nor chance', () => {
  const impure = files
    .filter((file) => file.startsWith('core/'))
    .filter((file) =>
      /\bprocess\.|Date\.now|new Date\(\)|Math\.random|console\./.test(readFileSync(join(src, file), 'utf8')),
    );
  expect(impure).toEqual([]);
});
