// The house, held by four tests: who may import whom, how large and how joined files are, no export for nobody, one
// word one meaning. `src/README.md` draws the same table.

import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, dirname, join, normalize } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const root = new URL('../', import.meta.url).pathname;
const src = join(root, 'src');

/** Rooms of the core, lowest first: each imports only rooms before it. */
const STAIRCASE: readonly string[] = [
  'core/base',
  'core/net',
  'core/lint',
  'core/connections',
  'core/snapshots',
  'core/baseline',
  'core/detection',
  'core/alerting',
  'core/ports',
  'core/commands',
];

/** Rooms, files and packages that each other room may import, beside itself and the files of `src`. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  atlas: ['core', 'undici'],
  driver: ['core', 'mongodb'],
  cluster: ['core', 'driver', 'mongodb'],
  store: ['core'],
  'store/sqlite': ['core', 'store'],
  'store/mongodb': ['core', 'store', 'driver', 'mongodb'],
  'slack/blockkit': ['core', '@slack/types'],
  'slack/client': ['core', 'slack/blockkit', '@slack/bolt', '@slack/web-api', '@slack/types'],
  'slack/views': ['core', 'slack/blockkit', 'slack/client', '@slack/types'],
  'slack/requests': ['core', 'slack/blockkit', 'slack/client', 'slack/views', '@slack/bolt', '@slack/web-api'],
  'slack/features': ['core', 'slack/blockkit', 'slack/client', 'slack/views', 'slack/requests', '@slack/web-api'],
  'slack/notifier': ['core', 'slack/blockkit', 'slack/client', 'slack/views', '@slack/web-api'],
  slack: ['core', 'slack', '@slack/bolt', '@slack/web-api'],
  http: ['core', 'prom-client'],
  // Of the app only the types of the commands: main.ts gives the terminal the commands themselves.
  cli: ['core', 'app/commands/types.ts', 'commander', 'csv-stringify', 'string-width', 'wrap-ansi'],
  config: ['core', 'zod', 'yaml'],
  'app/scheduler': ['core', 'node-cron'],
  'app/clusters': ['core', 'app/scheduler'],
  'app/monitor': ['core', 'app/scheduler'],
  // Composition: what a command or the service needs is made here.
  'app/commands': ['*'],
  app: ['*'],
};
const CORE_PACKAGES = ['ipaddr.js', 'fastest-levenshtein'];
/** Of `src` itself: what everybody may import. */
const SHARED = new Set(['errors.ts', 'files.ts']);

const MOST_LINES = 400;
const MOST_FILES = 20;
const LEAST_LINES = 30;

interface Import {
  readonly from: string;
  /** A file below src, or a package. */
  readonly to: string;
  readonly isPackage: boolean;
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .toSorted();
const textOf = new Map(files.map((file) => [file, readFileSync(join(src, file), 'utf8')]));
const imports = files.flatMap(importsOf);

function importsOf(from: string): readonly Import[] {
  const found = (textOf.get(from) ?? '').matchAll(
    /(?:^import |^\} from |^(?:import|export) .*\bfrom |\bimport\()'([^']+)'/gm,
  );
  return [...found].map(([, name = '']) => {
    if (name.startsWith('.')) return { from, to: normalize(join(dirname(from), name)), isPackage: false };
    const isNode = name.startsWith('node:') || builtinModules.includes(name);
    const parts = name.split('/').slice(0, name.startsWith('@') ? 2 : 1);
    return { from, to: isNode ? 'node' : parts.join('/'), isPackage: true };
  });
}

/** `core/base`; `.` for the files of `src` itself. */
const roomOf = (file: string): string => dirname(file);
const inside = imports.filter(({ isPackage }) => !isPackage);
const linesOf = (file: string): number => (textOf.get(file) ?? '').split('\n').length - 1;

/** Each circle once, as `a → b → a`. */
function circlesIn(next: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (name: string, way: readonly string[]) => {
    if (way.includes(name)) circles.push([...way.slice(way.indexOf(name)), name].join(' → '));
    if (done.has(name) || way.includes(name)) return;
    for (const other of next.get(name) ?? []) walk(other, [...way, name]);
    done.add(name);
  };
  for (const name of next.keys()) walk(name, []);
  return circles;
}

function graphBy(nameOf: (file: string) => string): ReadonlyMap<string, ReadonlySet<string>> {
  const next = new Map<string, Set<string>>();
  for (const { from, to } of inside) {
    const [name, other] = [nameOf(from), nameOf(to)];
    if (name !== other && other !== '.') next.set(name, (next.get(name) ?? new Set()).add(other));
  }
  return next;
}

describe('the staircase', () => {
  test('a room imports only what its row allows', () => {
    const wrong = imports.filter(({ from, to, isPackage }) => !mayImport(from, to, isPackage));
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  test('no room and no file stands in a circle', () => {
    expect(circlesIn(graphBy((file) => file))).toEqual([]);
    expect(circlesIn(graphBy(roomOf))).toEqual([]);
  });

  test('the core reads neither the clock nor the environment nor chance', () => {
    const impure = /\bprocess\.|Date\.now|new Date\(\)|Math\.random|console\./;
    const found = files.filter((file) => file.startsWith('core/') && impure.test(textOf.get(file) ?? ''));
    expect(found).toEqual([]);
  });
});

function mayImport(from: string, to: string, isPackage: boolean): boolean {
  const room = roomOf(from);
  if (room === '.' || (!isPackage && (roomOf(to) === room || SHARED.has(to)))) return true;
  const step = STAIRCASE.indexOf(room);
  if (step >= 0) {
    return isPackage ? CORE_PACKAGES.includes(to) : STAIRCASE.slice(0, step).includes(roomOf(to));
  }
  const allowed = MAY_IMPORT[room] ?? [];
  if (allowed.includes('*') || to === 'node') return true;
  if (isPackage) return allowed.includes(to);
  return allowed.some((name) => to === name || roomOf(to) === name || roomOf(to).startsWith(`${name}/`));
}

describe('size and cohesion', () => {
  /** Each with its reason. */
  const SMALL_ON_PURPOSE: Readonly<Record<string, string>> = {};

  test('no file is too long, and no room too full', () => {
    const long = files.filter((file) => linesOf(file) > MOST_LINES).map((file) => `${file}: ${linesOf(file)} lines`);
    const rooms = Map.groupBy(files, roomOf);
    const full = [...rooms].filter(([, own]) => own.length > MOST_FILES).map(([room, own]) => `${room}: ${own.length}`);
    expect([...long, ...full]).toEqual([]);
  });

  test('a short file that one neighbour alone imports is part of that neighbour', () => {
    const lonely = files.flatMap((file) => {
      const users = new Set(inside.filter(({ to }) => to === file).map(({ from }) => from));
      const [user] = users;
      const isAlone = users.size === 1 && user !== undefined && roomOf(user) === roomOf(file);
      return isAlone && linesOf(file) < LEAST_LINES ? [`${file} belongs to ${basename(user)}`] : [];
    });
    expect(lonely.filter((line) => !((line.split(' ')[0] ?? '') in SMALL_ON_PURPOSE))).toEqual([]);
  });
});

test('nothing is exported for nobody, and no dependency is imported by nobody', async () => {
  // The second run looks at what is shipped alone: an export for tests is marked `@internal`.
  for (const mode of [[], ['--production']]) {
    const argv = ['node_modules/knip/bin/knip.js', '--no-progress', '--no-config-hints', '--reporter', 'compact'];
    const run = await promisify(execFile)(process.execPath, [...argv, ...mode], { cwd: root }).catch(
      (failed: { stdout: string; stderr: string }) => failed,
    );
    expect(run.stdout.trim() + run.stderr.trim()).toBe('');
  }
}, 300_000);

test('one word has one meaning: no exported type is declared in two rooms', () => {
  /** Each with its reason. */
  const TWICE: Readonly<Record<string, string>> = {};
  const declared = files.flatMap((file) =>
    [...(textOf.get(file) ?? '').matchAll(/^export (?:interface|type|class) (\w+)/gm)].map(([, name = '']) => ({
      name,
      file,
    })),
  );
  const twice = [...Map.groupBy(declared, ({ name }) => name)]
    .filter(([name, all]) => new Set(all.map(({ file }) => roomOf(file))).size > 1 && !(name in TWICE))
    .map(([name, all]) => `${name}: ${all.map(({ file }) => file).join(', ')}`);
  expect(twice).toEqual([]);
});
