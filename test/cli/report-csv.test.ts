// The report as CSV (RFC 4180): a spreadsheet runs nothing of it.

import { expect, test } from 'vitest';
import { csvRows, reportCsv } from '../../src/cli/csv.ts';
import { report, source } from './sample.ts';

const named = (name: string) => {
  const sources = [source('203.0.113.0/24', { name, entry: null, clients: null })];
  return reportCsv(report({ sources }), 'source').split('\r\n').slice(1).join('\r\n');
};

test('one row for each source, CR LF after each row', () => {
  const rows = reportCsv(report(), 'source').split('\r\n');
  expect(rows[0]).toBe('id,name,class,entry,comment,active,dormant,monitors,clients,share');
  expect(rows[1]).toBe('203.0.113.0/24,Billing API,listed,203.0.113.0/24,Billing API,4,412,72,12,0.67');
  expect(rows[3]).toBe('0.0.0.0/0 app:etl,"anyone: app ""etl""",catch-all,0.0.0.0/0,,2,60,12,2,0.1');
  expect(rows).toHaveLength(6);
  expect(rows.at(-1)).toBe('');
});

test('grouped by app, one row for each app', () => {
  const sources = report().sources.slice(0, 2);
  expect(reportCsv(report({ sources }), 'app')).toBe(
    'app,active,dormant,monitors,clients,sources\r\nbilling,25,508,108,,Billing API; Web EU\r\n',
  );
});

test.each([
  ['=1+1', `'=1+1`],
  ['+1', `'+1`],
  ['-1', `'-1`],
  ['@SUM(A1)', `'@SUM(A1)`],
  ['\t=1', `"'\t'=1"`],
  ['\r=1', `"'\r'=1"`],
  ['\n=1', `"\n'=1"`],
  [' \t=1', `"' \t'=1"`],
  [' =1+1', `' =1+1`],
  ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
  ['＝1+1', `'＝1+1`],
  ['＋1', `'＋1`],
  ['－1', `'－1`],
  ['＠SUM(A1)', `'＠SUM(A1)`],
  ['\u3000=1', `'\u3000=1`],
  ['a;=1', `a;'=1`],
  ['a, =1', `"a, '=1"`],
  ['a\t＝1', `"a\t'＝1"`],
  ['a|@x;-1|+1', `a|'@x;'-1|'+1`],
  ['a,"=1', `"a,""'=1"`],
  ['a\n=1', `"a\n'=1"`],
])('%j is defused', (name, cell) => {
  expect(named(name)).toBe(`203.0.113.0/24,${cell},listed,,,4,412,72,,0.67\r\n`);
});

test.each(['a-1', 'https://x.example/?a=1', 'me@example.com', 'a;b|c,d'])('%j is no formula', (name) => {
  expect(named(name)).not.toContain("'");
});

test('a negative number stays a number', () => {
  expect(csvRows([[-5, 0.25, null]])).toBe('-5,0.25,\r\n');
});

test('escape sequences are shown, not sent', () => {
  expect(named('a\u001b[2Jb')).toContain('a\\u{1b}[2Jb');
});
