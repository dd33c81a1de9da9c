// Access lists from files, in the shapes that people have at hand.

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
const readJson = (...values: readonly unknown[]) => read(...values.map((value) => JSON.stringify(value)));
const textsOf = ({ problems }: ReturnType<typeof read>) => problems.map(({ text }) => text);

const shop = { cidrBlock: '203.0.113.0/24', comment: 'Shop API' };
const host = { cidrBlock: '198.51.100.7/32', ipAddress: '198.51.100.7', comment: 'Batch host' };
const snake = [
  { cidr_block: shop.cidrBlock, comment: shop.comment, ip_address: '', aws_security_group: null, project_id: 'p' },
  { cidr_block: '', comment: host.comment, ip_address: host.ipAddress, aws_security_group: '' },
];
const of = (values: unknown) => ({ mode: 'managed', type: 'mongodbatlas_project_ip_access_list', name: 'a', values });
const other = { mode: 'managed', type: 'aws_vpc', name: 'v', values: { cidr_block: '10.0.0.0/8' } };
const inState = (attributes: unknown, key?: string) => ({ schema_version: 0, index_key: key, attributes });

test.each<[string, string]>([
  ['a page', JSON.stringify({ links: [], results: [shop, host], totalCount: 2 })],
  ['a page after a byte order mark', `\uFEFF${JSON.stringify({ results: [shop, host] })}`],
  ['an array', JSON.stringify([shop, host])],
  ['an entry a line', `${JSON.stringify(shop)}\r\n\r\n${JSON.stringify(host)}\n`],
  ['entries one after another, set out', `${JSON.stringify(shop, null, 2)}${JSON.stringify(host, null, 2)}`],
  ['envelope=true', JSON.stringify({ status: 200, content: { results: [shop, host], totalCount: 2 } })],
  ['pages one after another', `${JSON.stringify({ results: [shop] })}\n${JSON.stringify({ results: [host] })}`],
  ['an array of pages', JSON.stringify([{ results: [shop] }, { results: [host] }])],
  ["Terraform's names", JSON.stringify(snake)],
  [
    'terraform show -json',
    JSON.stringify({
      format_version: '1.0',
      values: {
        root_module: {
          resources: [other, of(snake[0])],
          child_modules: [{ address: 'module.net', child_modules: [{ resources: [of(snake[1])] }] }],
        },
      },
    }),
  ],
  [
    'a plan of Terraform with the state before it',
    JSON.stringify({
      planned_values: { root_module: { resources: [of(entry)] } },
      prior_state: { values: { root_module: { resources: snake.map(of) } } },
    }),
  ],
  [
    'a state file of Terraform',
    JSON.stringify({
      version: 4,
      resources: [
        { mode: 'managed', type: 'aws_vpc', name: 'v', instances: [inState({ cidr_block: '10.0.0.0/8' })] },
        { ...of(undefined), instances: [inState(snake[0], 'shop'), inState(snake[1], 'batch')] },
      ],
    }),
  ],
  [
    'AtlasIPAccessList of the Kubernetes operator',
    JSON.stringify({ kind: 'AtlasIPAccessList', spec: { entries: [shop, host] } }),
  ],
  [
    'AtlasProject among other resources',
    JSON.stringify({
      kind: 'List',
      items: [
        { kind: 'Pod', spec: {} },
        { kind: 'AtlasProject', spec: { projectIpAccessList: [shop, host] } },
      ],
    }),
  ],
  ['a block in ipAddress', JSON.stringify([{ ...shop, cidrBlock: null, ipAddress: shop.cidrBlock }, host])],
  ['an address in cidrBlock', JSON.stringify([shop, { cidrBlock: ' 198.51.100.7 ', comment: host.comment }])],
  [
    'empty texts and nulls',
    JSON.stringify([
      { ...shop, awsSecurityGroup: '', ipAddress: ' ', deleteAfterDate: '' },
      { awsSecurityGroup: null, cidrBlock: null, ipAddress: host.ipAddress, comment: host.comment },
    ]),
  ],
])('%s gives the same list as every other form', (_, text) => {
  expect(read(text)).toEqual({
    entries: [
      { kind: 'range', cidrBlock: '203.0.113.0/24', comment: 'Shop API', deleteAfterDate: null },
      { kind: 'range', cidrBlock: '198.51.100.7/32', comment: 'Batch host', deleteAfterDate: null },
    ],
    complete: true,
    readAt: readAt.toISOString(),
    problems: [],
  });
});

test('one entry alone is a list, with its end and without a comment', () => {
  const ends = '2026-11-22T10:00:00Z';
  expect(readJson({ ip_address: '2001:db8::1', comment: '', delete_after_date: ends }).entries).toEqual([
    { kind: 'range', cidrBlock: '2001:db8::1/128', comment: null, deleteAfterDate: ends },
  ]);
  expect(readJson({ aws_security_group: 'sg-1', cidr_block: '' }).entries).toEqual([
    { kind: 'security-group', securityGroup: 'sg-1', comment: null },
  ]);
});

test('an unreadable entry is named by file, place and field, and makes the list incomplete', () => {
  const list = readJson([
    entry,
    { comment: 'nothing else' },
    7,
    { ip_address: '300.1.1.1' },
    { cidrBlock: '10.0.0.0/33' },
  ]);
  expect(list).toMatchObject({ entries: [{ comment: 'Billing API' }], complete: false });
  expect(textsOf(list)).toEqual([
    'page-1.json, item 2: the entry has no cidrBlock, ipAddress or awsSecurityGroup.',
    'page-1.json, item 3: this is not an access list entry.',
    'page-1.json, item 4: ip_address is not an IP address or CIDR block.',
    'page-1.json, item 5: cidrBlock is not an IP address or CIDR block.',
  ]);
});

test('the same fault of many entries is one problem for each file, and never one of the Admin API', () => {
  const list = readJson({ results: Array.from({ length: 40 }, () => ({ comment: 'x' })) }, [{ comment: 'y' }]);
  expect(textsOf(list)).toEqual([
    'page-1.json, item 1 of results: the entry has no cidrBlock, ipAddress or awsSecurityGroup. ' +
      '39 more entries of the file have this fault.',
    'page-2.json, item 1: the entry has no cidrBlock, ipAddress or awsSecurityGroup.',
  ]);
  expect(JSON.stringify(list.problems)).not.toMatch(/Atlas may|answer of Atlas|MONGODB_ATLAS/);
});

const LIST = 'https://cloud.mongodb.com/api/atlas/v2/groups/64b0/accessList';
const many = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => ({ cidrBlock: `10.0.${(from + at) >> 8}.${(from + at) & 255}/32` }));

/** A page of 100 as Atlas gives it. */
function page(pageNum: number, results: readonly unknown[], more: { totalCount?: number; size?: number } = {}) {
  const { totalCount = 150, size = 100 } = more;
  const link = (rel: string, at: number) => ({
    rel,
    href: `${LIST}?includeCount=true&itemsPerPage=${size}&pageNum=${at}`,
  });
  const links = [link('self', pageNum), ...(pageNum * size < totalCount ? [link('next', pageNum + 1)] : [])];
  return { links, results, totalCount };
}

test.each<[string, readonly unknown[], number, string | null]>([
  ['all pages', [page(1, many(0, 100)), page(2, many(100, 150))], 150, null],
  ['all pages, the last first', [page(2, many(100, 150)), page(1, many(0, 100))], 150, null],
  ['a page that is given twice', [page(1, many(0, 100)), page(1, many(0, 100)), page(2, many(100, 150))], 150, null],
  ['pages that overlap', [page(1, many(0, 100)), page(2, many(90, 150))], 150, null],
  ['a page beside the whole list', [page(1, many(0, 100)), page(1, many(0, 150), { size: 500 })], 150, null],
  [
    'the first page alone',
    [page(1, many(0, 100))],
    100,
    'page-1.json contains 100 of the 150 entries of the access list.',
  ],
  [
    'the last page alone',
    [page(2, many(100, 150))],
    50,
    'page-1.json contains 50 of the 150 entries of the access list.',
  ],
  [
    'the first page twice',
    [page(1, many(0, 100)), page(1, many(0, 100))],
    100,
    'page-1.json, page-2.json contain 100 of the 150 entries of the access list.',
  ],
  [
    'a page without links',
    [{ results: many(0, 100), totalCount: 150 }],
    100,
    'page-1.json contains 100 of the 150 entries of the access list.',
  ],
  [
    'a page that counts nothing and names a next one',
    [{ ...page(1, many(0, 100)), totalCount: undefined }],
    100,
    'page-1.json names a next page, which is not among the files.',
  ],
  [
    'a page that names a next one although its count is reached',
    [{ ...page(1, many(0, 100)), totalCount: 100 }],
    100,
    'page-1.json names a next page, which is not among the files.',
  ],
  ['more entries than the count', [page(1, many(0, 3), { totalCount: 2 })], 3, null],
])('%s: complete only where no entry is missing', (_, pages, entries, problem) => {
  const list = readJson(...pages);
  expect(list.entries).toHaveLength(entries);
  expect(list.complete).toBe(problem === null);
  expect(textsOf(list)).toEqual(problem === null ? [] : [problem]);
});

test('pages of two projects do not complete each other', () => {
  const elsewhere = JSON.parse(JSON.stringify(page(2, many(100, 150))).replaceAll('/64b0/', '/64b1/'));
  expect(textsOf(readJson(page(1, many(0, 100)), elsewhere))).toHaveLength(2);
});

test('an entry that stands twice on one page stays twice, for that is a finding', () => {
  expect(readJson([entry, entry]).entries).toHaveLength(2);
});

test('an unreadable entry counts as present: one problem, not two', () => {
  expect(textsOf(readJson({ results: [entry, { comment: 'x' }], totalCount: 2 }))).toHaveLength(1);
});

test.each([
  ['', 'page-1.json is empty.'],
  ['\uFEFF\n ', 'page-1.json is empty.'],
  ['{', 'page-1.json is not JSON, or is cut off.'],
  ['{"results":[{"cidrBlock":"10.0.0.0/8"},', 'page-1.json is not JSON, or is cut off.'],
  ['{"cidrBlock":"10.0.0.0/8"}\n\n{"ipAddress":', 'page-1.json, line 3 is not JSON, or is cut off.'],
  ['<html>secret</html>', 'page-1.json is not JSON, or is cut off.'],
  ['cidrBlock,comment\n10.0.0.0/8,x', 'page-1.json is not JSON, or is cut off.'],
  ['{"results": 3}', 'page-1.json is not an access list.'],
  ['{"kind":"List","items":[{"kind":"Pod"}]}', 'page-1.json is not an access list.'],
  ['{"version":4,"resources":[]}', 'page-1.json is not an access list.'],
  ['"text"', 'page-1.json is not an access list.'],
  ['null', 'page-1.json is not an access list.'],
  [
    '{"error":403,"errorCode":"IP_ADDRESS_NOT_ON_ACCESS_LIST","detail":"secret"}',
    'page-1.json contains an Atlas error (IP_ADDRESS_NOT_ON_ACCESS_LIST) instead of an access list.',
  ],
  [
    '{"status":401,"content":{"errorCode":"USER_UNAUTHORIZED"}}',
    'page-1.json contains an Atlas error (USER_UNAUTHORIZED) instead of an access list.',
  ],
])('%j is not an access list: the error has the file and what was expected', (text, message) => {
  const failure = (() => {
    try {
      return read(text);
    } catch (error) {
      return error;
    }
  })();
  expect(failure).toBeInstanceOf(UserError);
  expect(failure).toMatchObject({ message, remedy: expect.stringContaining('--limit 500') });
});

test('quotes without an end, and a deep nest, end in a sentence', () => {
  for (const text of [
    '{"a":"'.repeat(200_000),
    `{${'\\"'.repeat(200_000)}`,
    '['.repeat(400_000),
    '"\\'.repeat(200_000),
  ])
    expect(() => read(text)).toThrow(UserError);
  const nested = `${'{"content":'.repeat(50_000)}{}${'}'.repeat(50_000)}`;
  expect(() => read(nested)).toThrow(UserError);
});
