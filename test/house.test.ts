// The house, held by five tests: who may import whom, how large and how joined files are, no export for nobody, one
// word one meaning, no riddles.

import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, dirname, join, normalize } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const root = new URL('../', import.meta.url).pathname;
const src = join(root, 'src');

const readme = readFileSync(join(src, 'README.md'), 'utf8');
const section = readme.slice(readme.indexOf('## Who may import whom'), readme.indexOf('## Glossary'));
const listed = (cell = ''): readonly string[] => (cell === '–' ? [] : cell.split(', '));

/** Rooms of the core, lowest first: each imports only rooms before it. */
const STAIRCASE = [...(/rooms before it: ([^.]+)\./.exec(section)?.[1] ?? '').matchAll(/`(\w+)`/g)].map(
  ([, room]) => `core/${room}`,
);
/** What each room may import beside the core, by the table of `src/README.md`. */
const MAY_IMPORT: ReadonlyMap<string, readonly string[]> = new Map(
  [...section.matchAll(/^\| ([a-z/]+) \| (.+) \| (.+) \|$/gm)]
    .filter(([, room]) => room !== 'room')
    .map(([, room = '', rooms, packages]) => [room, [...listed(rooms), ...listed(packages)]]),
);
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
    const impure =
      /\bprocess\.(?:env|argv|cwd|exit|hrtime|uptime|memoryUsage|cpuUsage|stdout|stderr)|Date\.now|new Date\(\)|Math\.random|console\./;
    const found = files.filter((file) => file.startsWith('core/') && impure.test(textOf.get(file) ?? ''));
    expect(found).toEqual([]);
  });
});

function mayImport(from: string, to: string, isPackage: boolean): boolean {
  const room = roomOf(from);
  if (room === '.' || (!isPackage && (roomOf(to) === room || SHARED.has(to)))) return true;
  const step = STAIRCASE.indexOf(room);
  if (step >= 0) {
    return isPackage ? (MAY_IMPORT.get('core') ?? []).includes(to) : STAIRCASE.slice(0, step).includes(roomOf(to));
  }
  const allowed = ['core', ...(MAY_IMPORT.get(room) ?? [])];
  if (allowed.includes('everything') || to === 'node') return true;
  if (isPackage) return allowed.includes(to);
  return allowed.some((name) => to === name || roomOf(to) === name || roomOf(to).startsWith(`${name}/`));
}

describe('size and cohesion', () => {
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
    expect(lonely).toEqual([]);
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
  const declared = files.flatMap((file) =>
    [...(textOf.get(file) ?? '').matchAll(/^export (?:interface|type|class) (\w+)/gm)].map(([, name = '']) => ({
      name,
      file,
    })),
  );
  const twice = [...Map.groupBy(declared, ({ name }) => name)]
    .filter(([, all]) => new Set(all.map(({ file }) => roomOf(file))).size > 1)
    .map(([name, all]) => `${name}: ${all.map(({ file }) => file).join(', ')}`);
  expect(twice).toEqual([]);
});

test('no sentence of ours hides its subject', () => {
  const riddle = /\b(?:somebody|everybody|anybody|anew|of late|told from|told apart|lets? nobody|nobody can)\b/i;
  const riddles = files.flatMap((file) =>
    (textOf.get(file) ?? '')
      .split('\n')
      .filter((line) => !/^\s*(?:\/\/|\/?\*)/.test(line))
      .filter((line) => riddle.test(line.replace(/\s\/\/ .*/, '')))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(riddles).toEqual([]);
});
