// The table of rules, and what else is made of it.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RULE_NAMES, RULES } from '../../../src/core/detection/rules.ts';

test('the README lists every rule with the words of its entry', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const rows = RULE_NAMES.map((name) => `| \`${name}\` | ${RULES[name].words.firesWhen} |`);
  const listed = readme.split('\n').filter((line) => RULE_NAMES.some((name) => line.startsWith(`| \`${name}\` |`)));
  expect(listed).toEqual(rows);
});
