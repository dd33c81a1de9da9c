// What can rot in the documents, held against the code and the files.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMANDS } from '../src/core/commands/commands.ts';
import { RULE_NAMES } from '../src/core/detection/rules.ts';

const root = new URL('../', import.meta.url).pathname;
const rooms = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
const DOCUMENTS = [
  'README.md',
  'SECURITY.md',
  '.github/CONTRIBUTING.md',
  ...rooms.filter((path) => path.endsWith('README.md')).map((path) => `src/${path}`),
];
const textOf = (document: string) => readFileSync(join(root, document), 'utf8');
const all = DOCUMENTS.map(textOf).join('\n');
const readme = textOf('README.md');

test('the README fits on a few screens, for whoever arrives', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(251);
});

test('the table of commands is the table of the code', () => {
  const rows = Object.values(COMMANDS).map(({ usage, help }) => `| \`/atlas-conns ${usage}\` | ${help} |`);
  const [, table = ''] = /<!-- commands -->\n([\s\S]*?)<!-- \/commands -->/.exec(readme) ?? [];
  expect(table.trim().split('\n').slice(2)).toEqual(rows);
});

test.each(['README.md', 'src/config/README.md'])(
  'the table of rules in %s has every rule, and no other',
  (document) => {
    const [, table = ''] = /\n\| rule \|.*\n\|.*\n((?:\|.*\n)+)/.exec(textOf(document)) ?? [];
    const named = table.split('\n').flatMap((row) => [...(row.split(' | ')[0] ?? '').matchAll(/`([a-z-]+)`/g)]);
    expect(named.map(([, name]) => name).filter((name) => name !== 'repeat')).toEqual(RULE_NAMES);
  },
);

test('src/http/README.md shows the whole listener for PyMongo', () => {
  const [, listing] = /\n### From Python\n[\s\S]*?```python\n([\s\S]*?)```\n/.exec(textOf('src/http/README.md')) ?? [];
  expect(listing).toBe(textOf('src/reporter/atlas_conns_pools.py'));
});

/** GitHub's id of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

test.each(DOCUMENTS)('every link of %s leads somewhere', (document) => {
  const links = [...textOf(document).matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, link]) => link ?? '');
  const dead = links.filter((link) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? document : join(dirname(document), path);
    if (!existsSync(join(root, target))) return true;
    if (anchor === undefined) return false;
    return ![...textOf(target).matchAll(/^#+ (.+)$/gm)].some(([, heading]) => anchorOf(heading ?? '') === anchor);
  });
  expect(dead).toEqual([]);
});

test('every file of src and test that a document names is there', () => {
  const paths = [...all.matchAll(/`((?:src|test)\/[\w./-]+)`/g)].map(([, path]) => path ?? '');
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  expect(paths.length).toBeGreaterThan(20);
});

test('every npm script that a document names is there', () => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(textOf('package.json'));
  const named = [...all.matchAll(/npm run (?:-s )?([a-z:]+)/g)].map(([, name]) => name ?? '');
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
  expect(named.length).toBeGreaterThan(5);
});

test('the map of the code has every room', () => {
  const [, map = ''] = /```\nsrc\/\n([\s\S]*?)```/.exec(textOf('src/README.md')) ?? [];
  let above = '';
  const named = map.split('\n').flatMap((line) => {
    const [, indent = '', name] = /^( +)([\w-]+)\/ /.exec(line) ?? [];
    if (name === undefined) return [];
    if (indent.length === 2) above = name;
    return indent.length === 2 ? name : `${above}/${name}`;
  });
  const isRoom = (path: string) => path.split('/').length <= 2 && statSync(join(root, 'src', path)).isDirectory();
  expect(named.toSorted()).toEqual(rooms.filter(isRoom).toSorted());
});
