import { expect, test } from 'vitest';
import { readSavedAccessList } from '../../src/atlas/saved-access-list.ts';
import { UserError } from '../../src/errors.ts';

const readAt = new Date('2026-11-21T10:00:00Z');
const entry = { cidrBlock: '203.0.113.0/24', comment: 'Billing API' };
const read = (...texts: readonly string[]) =>
  readSavedAccessList(
    texts.map((text, at) => ({ path: `page-${at + 1}.json`, text })),
    readAt,
  );

test('a page of the Admin API and a bare array say the same', () => {
  const page = read(JSON.stringify({ links: [], results: [entry], totalCount: 1 }));
  expect(page.entries).toMatchObject([{ kind: 'range', cidrBlock: '203.0.113.0/24', comment: 'Billing API' }]);
  expect(read(JSON.stringify([entry]))).toEqual(page);
  expect(page).toMatchObject({ complete: true, problems: [], readAt: readAt.toISOString() });
});

test('several pages are one list', () => {
  expect(read(JSON.stringify([entry]), JSON.stringify([{ awsSecurityGroup: 'sg-1' }])).entries).toHaveLength(2);
});

test('an entry that is not understood is named and makes the list incomplete', () => {
  const list = read(JSON.stringify([entry, { comment: 'nothing else' }]));
  expect(list.entries).toHaveLength(1);
  expect(list.complete).toBe(false);
  expect(list.problems).toHaveLength(1);
});

test.each(['', '{', '{"results": 3}', '"text"', 'null'])(
  '%j is no access list: said with the file and what was expected',
  (text) => {
    expect(() => read(text)).toThrow(UserError);
    expect(() => read(text)).toThrow('page-1.json');
  },
);
