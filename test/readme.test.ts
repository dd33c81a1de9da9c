// What can rot in the README, held against the code.

import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { COMMANDS } from '../src/core/commands/commands.ts';

const root = new URL('../', import.meta.url).pathname;
const readme = readFileSync(`${root}README.md`, 'utf8');

test('the table of commands is the table of the code', () => {
  const rows = Object.values(COMMANDS).map(({ usage, help }) => `| \`/atlas-conns ${usage}\` | ${help} |`);
  const [, table = ''] = /<!-- commands -->\n([\s\S]*?)<!-- \/commands -->/.exec(readme) ?? [];
  expect(table.trim().split('\n').slice(2)).toEqual(rows);
});

test('every picture and every npm script that it names is there', () => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  const pictures = [...readme.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, path]) => path ?? '');
  expect(pictures.filter((path) => !existsSync(root + path))).toEqual([]);
  const named = [...readme.matchAll(/npm run ([a-z]+)/g)].map(([, name]) => name ?? '');
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
  expect(named.length).toBeGreaterThan(1);
});
