// The IP access list: its entries, all its pages, and what is left when a page fails.

import { expect, test } from 'vitest';
import { apiError } from '../sandbox/atlas/fault.ts';
import { accessListEntry, securityGroupEntry } from '../sandbox/atlas/scenario.ts';
import { bench, NEVER, problemOf, targetsOf } from './fixture.ts';

const many = (count: number) =>
  Array.from({ length: count }, (_, index) => accessListEntry(`10.${index >> 8}.${index & 255}.0/24`));

test('each kind of entry is recognised; a single address is a range of one', async () => {
  const { open } = await bench({
    accessList: [
      accessListEntry('203.0.113.0/24', { comment: 'Billing API' }),
      accessListEntry('198.51.100.7', { deleteAfterDate: '2026-11-25T00:00:00Z' }),
      { ipAddress: '198.51.100.8', comment: 'old shape' },
      { ipAddress: '2001:db8::1', aFieldOfTomorrow: { deep: true } },
      securityGroupEntry('123456789012/sg-0a1b2c3d', 'Batch workers'),
    ],
  });
  expect(await open().accessList(NEVER)).toEqual({
    entries: [
      { kind: 'range', cidrBlock: '203.0.113.0/24', comment: 'Billing API', deleteAfterDate: null },
      { kind: 'range', cidrBlock: '198.51.100.7/32', comment: null, deleteAfterDate: '2026-11-25T00:00:00Z' },
      { kind: 'range', cidrBlock: '198.51.100.8/32', comment: 'old shape', deleteAfterDate: null },
      { kind: 'range', cidrBlock: '2001:db8::1/128', comment: null, deleteAfterDate: null },
      { kind: 'security-group', securityGroup: '123456789012/sg-0a1b2c3d', comment: 'Batch workers' },
    ],
    complete: true,
    readAt: '2026-11-21T10:00:00.000Z',
    problems: [],
  });
});

test('all pages are read, 500 entries at a time, and none after the last', async () => {
  const { atlas, open } = await bench({ accessList: many(1_000) });
  const { entries, complete } = await open().accessList(NEVER);
  expect(new Set(entries.map((entry) => entry.kind === 'range' && entry.cidrBlock)).size).toBe(1_000);
  expect(complete).toBe(true);
  expect(targetsOf(atlas, /accessList/)).toEqual([
    expect.stringMatching(/accessList\?itemsPerPage=500&pageNum=1$/),
    expect.stringMatching(/accessList\?itemsPerPage=500&pageNum=2$/),
  ]);
});

test('a page that fails leaves the entries read so far, incomplete, with a problem that names the page', async () => {
  const { atlas, open } = await bench({ accessList: many(1_200) });
  atlas.faults.add(/accessList.*pageNum=2/, apiError(500, 'UNEXPECTED_ERROR'));
  const { entries, complete, problems } = await open().accessList(NEVER);
  expect(entries).toHaveLength(500);
  expect(complete).toBe(false);
  expect(problems).toEqual([
    {
      code: 'access-list-page-failed',
      text:
        'Page 2 of the IP access list could not be read, so entries are missing: ' +
        'Atlas failed to return the IP access list of project 64b0c2a5f1e2d3c4b5a69788: ' +
        '500 UNEXPECTED_ERROR, tried 5 times.',
      remedy: expect.stringContaining('Try again'),
    },
  ]);
});

test('a first page that fails is a failure, not an empty list', async () => {
  const { atlas, open } = await bench({ accessList: many(2) });
  atlas.faults.add(/accessList/, apiError(500, 'UNEXPECTED_ERROR'));
  expect(await problemOf(open().accessList(NEVER))).toMatchObject({ code: 'atlas-server-error' });
});

test('an entry without an address is named, and the list is incomplete', async () => {
  const { open } = await bench({ accessList: [{ comment: 'what is this' }, accessListEntry('198.51.100.7')] });
  const { entries, complete, problems } = await open().accessList(NEVER);
  expect(entries).toHaveLength(1);
  expect(complete).toBe(false);
  expect(problems).toEqual([
    {
      code: 'atlas-field-missing',
      text: 'The answer from Atlas lacks cidrBlock, ipAddress or awsSecurityGroup in an entry of the IP access list.',
      remedy: expect.stringContaining('update atlas-conns'),
    },
  ]);
});

test('endless pages are cut off, with a problem', async () => {
  const { atlas, open } = await bench();
  const page = { results: [accessListEntry('198.51.100.7')], links: [{ rel: 'next', href: 'again' }], totalCount: 1 };
  atlas.faults.add(/accessList/, { kind: 'answer', status: 200, body: page });
  const { complete, problems } = await open().accessList(NEVER);
  expect(complete).toBe(false);
  expect(problems).toMatchObject([{ code: 'access-list-page-failed', text: expect.stringContaining('200 pages') }]);
});

test('a page without links is followed by another only when it is full', async () => {
  const { atlas, open } = await bench();
  const page = (from: number, to: number) =>
    ({ kind: 'answer', status: 200, body: { results: many(503).slice(from, to) } }) as const;
  atlas.faults.add(/pageNum=1$/, page(0, 500));
  atlas.faults.add(/pageNum=2$/, page(500, 503));
  expect((await open().accessList(NEVER)).entries).toHaveLength(503);
  expect(targetsOf(atlas, /accessList/)).toHaveLength(2);
});
