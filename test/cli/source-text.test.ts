// The drill-down: which source is meant, and what is said of it.

import { expect, test } from 'vitest';
import { painter } from '../../src/cli/layout.ts';
import { findSource } from '../../src/cli/report.ts';
import { sourceText } from '../../src/cli/source-text.ts';
import { UserError } from '../../src/errors.ts';
import { report, source } from './sample.ts';

const given = report({
  sources: [
    ...report().sources,
    source('2001:db8::/48', { name: 'Office v6', hosts: [] }),
    source('10.40.0.0/16', { name: 'VPC one', hosts: [] }),
    source('10.40.128.0/17', { name: 'VPC two', hosts: [] }),
  ],
});

test.each([
  ['0.0.0.0/0 app:etl', '0.0.0.0/0 app:etl', 'an id'],
  ['billing api', '203.0.113.0/24', 'a name in other case'],
  ['198.51.100.9', '198.51.100.9', 'an address that is a source'],
  ['2001:DB8:0::1', '2001:db8::/48', 'an address inside an entry'],
  ['203.0.113.77/24', '203.0.113.0/24', 'a block not in canonical form'],
  ['198.51.100.0/24', '198.51.100.9', 'a block around an address'],
  ['web', '203.0.113.64/26', 'a part of a name'],
])('%s finds %s: %s', (wanted, id) => {
  expect(findSource(given, wanted).id).toBe(id);
});

function refusal(wanted: string): UserError {
  try {
    findSource(given, wanted);
  } catch (error) {
    if (error instanceof UserError) return error;
  }
  throw new Error(`${wanted} was found`);
}

test('a name that matches several sources is answered with the candidates', () => {
  const { message, remedy } = refusal('10.40');
  expect(message).toBe('"10.40" matches 2 sources.');
  expect(remedy).toContain('VPC one (10.40.0.0/16)');
  expect(remedy).toContain('VPC two (10.40.128.0/17)');
});

test('a name that matches no source is answered with the nearest', () => {
  expect(refusal('Biling APY').remedy).toBe('Did you mean "Billing API"?');
  expect(refusal('Biling').remedy).toBe('Did you mean "Billing API"?');
  expect(refusal('zzzzzzzzz').remedy).toBe('atlas-conns report prod lists them all.');
});

test('the detail of a source has its entry, its share, each dimension and the combinations', () => {
  const shown = sourceText({
    report: given,
    source: findSource(given, 'Billing API'),
    by: 'source',
    width: 80,
    paint: painter(false),
  });
  expect(shown).toMatch(/^Billing API {2}203\.0\.113\.0\/24 on the access list \("Billing API", no end date\)$/m);
  expect(shown).toContain('4 active  412 dormant  72 heartbeats  12 clients  67 % of all sources in prod');
  for (const title of ['APP', 'HOST', 'DRIVER', 'USER', 'NODE']) expect(shown).toMatch(new RegExp(`^${title} `, 'm'));
  expect(shown).toMatch(/^nodejs 7\.8\.0 Node\.js v22 +4 +412 +72$/m);
  expect(shown).toMatch(/^APP +HOST +DRIVER +NODE +ACTIVE +DORMANT$/m);
  expect(shown).toContain('and 31 more');
  expect(shown).toContain('not read: analytics-2');
});

const page = { width: 80, paint: painter(false) };

test('by one dimension a source has that table alone, with all of its rows', () => {
  const counts = { active: 1, dormant: 10, monitors: 0 };
  const apps = Array.from({ length: 13 }, (_, index) => ({ name: `app-${index}`, ...counts }));
  const of = { ...findSource(given, 'Billing API'), apps };
  const shown = sourceText({ ...page, report: given, source: of, by: 'app' });
  expect(shown.match(/^app-\d+ /gm)).toHaveLength(13);
  expect(shown).not.toMatch(/^(?:HOST|DRIVER|USER|NODE) /m);
  expect(shown).toContain('412 dormant');
});

test('a long dimension ends in one row that sums the rest', () => {
  const counts = { active: 1, dormant: 10, monitors: 0 };
  const apps = Array.from({ length: 13 }, (_, index) => ({ name: `app-${index}`, ...counts }));
  const shown = sourceText({ ...page, report: given, source: source('x', { apps }), by: 'source' });
  expect(shown).toMatch(/^and 3 more +3 +30 +0$/m);
  expect(shown).not.toContain('app-10');
});
