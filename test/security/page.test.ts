// SECURITY.md promises tests: each of them is there, under the title that it is named by.

import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url).pathname;
const page = readFileSync(`${root}SECURITY.md`, 'utf8');

/** A path, and behind it one or more titles in quotation marks. */
const named = [...page.matchAll(/`(test\/[^`]+\.ts)` ((?:“[^”]+”(?:, )?)+)/g)].flatMap(([, path = '', titles = '']) =>
  [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => ({ path, title })),
);

test.each(named)('$path has the test “$title”', ({ path, title }) => {
  expect(existsSync(root + path), `there is no ${path}`).toBe(true);
  const written = readFileSync(root + path, 'utf8').replaceAll("\\'", "'");
  const quoted = ["'", '"', '`'].flatMap((mark) => [`${mark}${title}${mark}`, `: ${title}${mark}`]);
  expect(quoted.filter((text) => written.includes(text))).not.toEqual([]);
});

test('every threat is answered with a test', () => {
  const [, threats = ''] = page.split('## Threats');
  const rows = threats.split('\n').filter((line) => line.startsWith('| ') && !/^\| (What|---) /.test(line));
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.filter((row) => !/`test\/[^`]+` “/.test(row))).toEqual([]);
  expect(named.length).toBeGreaterThanOrEqual(rows.length);
});
