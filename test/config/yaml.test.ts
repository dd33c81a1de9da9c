// YAML that nobody means: each ends in a sentence with the file and the place, for the settings and for the rules.

import { expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { readRules } from '../../src/config/rules.ts';
import { parseYaml } from '../../src/config/yaml.ts';
import { ConfigError } from '../../src/errors.ts';

const list = (length: number, make: (index: number) => string) => Array.from({ length }, (_, index) => make(index));
const laughs = list(10, (at) => `a${at}: &a${at} [${at === 0 ? 'x' : list(9, () => `*a${at - 1}`).join(', ')}]`);
const DEEP = 10_000;

const WRONG: readonly (readonly [what: string, source: string, says: string])[] = [
  ['an alias in its own list', 'a: &a [*a]', 'has an alias (*name) inside its own anchor at line 1, column 8.'],
  ['an alias in its own mapping', 'a: &a\n  b: { c: *a }', 'has an alias (*name) inside its own anchor at line 2'],
  ['a cycle of merge keys', 'a: &a\n  <<: *a', 'has an alias (*name) inside its own anchor at line 2, column 7.'],
  ['an alias without an anchor', 'a: *nobody', 'has an alias (*name) without an anchor at line 1, column 4.'],
  ['an alias before its anchor', 'a: *b\nb: &b 1', 'has an alias (*name) without an anchor at line 1, column 4.'],
  ['a billion laughs', laughs.join('\n'), 'is too large at line '],
  [
    'a long chain of aliases',
    list(100, (at) => `a${at}: &a${at} [*a${at - 1}]`)
      .join('\n')
      .replace('*a-1', 'x'),
    'is nested too deeply at line ',
  ],
  ['thousands of aliases', `a: &a 1\nb: [${'*a, '.repeat(5_000)}]`, 'has too many aliases (*name) at line 2, column '],
  ['an anchor twice', 'a: &a 1\nb: &a 2\nc: *a', 'repeats an anchor (&name) at line 2, column 7.'],
  ['a key twice', 'a: 1\na: 2', 'repeats a key at line 2, column 1.'],
  ['a tag of another language', 'a: !!js/function "x"', 'is not valid YAML at line 1, column 4 (TAG_RESOLVE_FAILED).'],
  ['a tag of somebody', 'a: !secret [x]', 'is not valid YAML at line 1, column 4 (TAG_RESOLVE_FAILED).'],
  ['open lists', '['.repeat(DEEP), 'is nested too deeply at line 1, column '],
  ['closed lists', '['.repeat(DEEP) + ']'.repeat(DEEP), 'is nested too deeply at line 1, column '],
  ['mappings', '{a: '.repeat(DEEP), 'is nested too deeply at line 1, column '],
  ['dashes', `${'- '.repeat(DEEP)}x`, 'is nested too deeply at line 1, column '],
  ['keys of keys', `${'? '.repeat(DEEP)}x`, 'is nested too deeply at line 1, column '],
  ['indented mappings', list(500, (at) => `${' '.repeat(at)}a:`).join('\n'), 'is nested too deeply at line '],
  ['thousands of faults', ']'.repeat(1_000), 'is not valid YAML at line 1, column 1 (UNEXPECTED_TOKEN).'],
];

test.each(WRONG)('%s: the file, the line and the column are named, once or a few times', (_, source, says) => {
  const { data, problems } = parseYaml('conns.yml', source);
  expect(data).toBeNull();
  expect(problems[0]?.text).toContain(`conns.yml ${says}`);
  expect(problems.length).toBeLessThanOrEqual(20);
  for (const { text, remedy } of problems) expect(text.length + remedy.length).toBeLessThan(300);
});

test.each(WRONG)('%s: settings and rules are refused with the same words', async (_, source, says) => {
  const env = { ATLAS_CONNS_CONFIG: 'conns.yml' };
  const settings = readConfig({ env, readFile: async () => source, needs: [] });
  await expect(settings).rejects.toThrow(ConfigError);
  await expect(settings).rejects.toThrow(says);
  expect(() => readRules('conns.yml', source)).toThrow(says);
});

test('anchors, aliases, standard tags and lists a few levels deep are accepted', () => {
  const source = 'a: &x { b: [1, 2] }\nc: *x\nd: [*x, *x]\ne: !!str 5\nf: [[[[[[[[x]]]]]]]]';
  const { data, problems } = parseYaml('conns.yml', source);
  expect(problems).toEqual([]);
  const x = { b: [1, 2] };
  expect(data).toEqual({ a: x, c: x, d: [x, x], e: '5', f: [[[[[[[['x']]]]]]]] });
});
