// `report --from … --access-list …` as people type it, with the lists that people have.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTerminal, type Terminal } from './terminal.ts';

const found = (name: string) => new URL(`../fixtures/found/${name}`, import.meta.url).pathname;
const DUMP = found('dumps/base-dump.json');

let terminal: Terminal;
let directory = '';
beforeAll(async () => {
  terminal = await openTerminal({});
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-'));
});
afterAll(async () => {
  await terminal.close();
  await rm(directory, { recursive: true });
});

interface Report {
  readonly complete: boolean;
  readonly sources: readonly { readonly id: string; readonly name: string; readonly class: string }[];
  readonly findings: readonly { readonly kind: string; readonly text: string }[];
  readonly problems: readonly { readonly code: string; readonly text: string; readonly remedy: string }[];
}

async function report(lists: readonly string[], dump = DUMP): Promise<Report & { readonly code: number | null }> {
  const argv = ['report', '--from', dump, '--json', ...lists.flatMap((list) => ['--access-list', list])];
  const { code, out, err } = await terminal.type(argv);
  expect(err).toBe('');
  return { code, ...JSON.parse(out) };
}

const listedIn = ({ sources }: Report) =>
  sources.flatMap(({ name, class: of }) => (of === 'listed' ? [name] : [])).toSorted();
const kindsIn = ({ findings }: Report) => findings.map(({ kind }) => kind);

test.each([
  ['base-list.json', ['Batch host', 'Core VPC', 'Shop API']],
  ['utf8-bom.json', ['Batch host', 'Core VPC', 'Shop API']],
  ['empty-strings-everywhere.json', ['198.51.100.7/32', 'Shop API']],
  ['ndjson-jq-c.json', ['Batch', 'Shop API']],
  ['operator-ipAddress-holds-cidr.json', ['Allowing access from 198.51.100.7/32', 'Core VPC', 'Shop API']],
  ['terraform-snake-case-array.json', ['Batch host', 'Shop API']],
  ['ipAddress-0.0.0.0-only.json', ['Shop API']],
])('%s names its clients, and only who is on no entry is unlisted', async (list, names) => {
  const told = await report([found(`lists/${list}`)]);
  expect(told).toMatchObject({ code: 0, complete: true, problems: [] });
  expect(listedIn(told)).toEqual(names);
  const unlisted = told.sources.filter(({ class: of }) => of === 'unlisted').map(({ id }) => id);
  const expected = ['198.51.100.9', '2001:db8:40::9'];
  expect(unlisted).toEqual(list.startsWith('ipAddress') ? ['198.51.100.7', ...expected] : expected);
});

test('an entry for 0.0.0.0 alone is named first of all findings, with what was meant', async () => {
  const { findings } = await report([found('lists/ipAddress-0.0.0.0-only.json')]);
  expect(findings[0]).toMatchObject({
    kind: 'invalid-entry',
    text: '0.0.0.0/32 is one address that no client has. Write 0.0.0.0/0 if every address was meant.',
  });
});

test('one page of a longer list is incomplete, and no source is called unlisted', async () => {
  const path = found('lists/first-100-of-150-with-next-link.json');
  const told = await report([path]);
  expect(told).toMatchObject({ code: 1, complete: false });
  expect(told.problems).toMatchObject([
    {
      code: 'access-list-page-missing',
      text: `${path} contains 100 of the 150 entries of the access list.`,
      remedy: expect.stringContaining('atlas accessLists list --limit 500 -o json'),
    },
    { code: 'unlisted-uncertain' },
  ]);
  expect(kindsIn(told)).not.toContain('unlisted-client');
  expect(told.sources.map(({ class: of }) => of)).not.toContain('unlisted');
  const text = await terminal.type(['report', '--from', DUMP, '--access-list', path]);
  expect(text.code).toBe(1);
  expect(text.out).not.toContain('unlisted');
});

test('without a list a remark says so, the exit code is 0, and no source is called unlisted', async () => {
  const told = await report([]);
  expect(told).toMatchObject({ code: 0, complete: true, findings: [], problems: [{ code: 'access-list-missing' }] });
  expect(told.sources.map(({ class: of }) => of)).not.toContain('unlisted');
  const { code, out } = await terminal.type(['report', '--from', DUMP]);
  expect(code).toBe(0);
  expect(out).toContain('\nremark: No access list was given');
  expect(out).not.toMatch(/unlisted|problem:/);
  const csv = await terminal.type(['report', '--from', DUMP, '--csv']);
  expect(csv).toMatchObject({ code: 0, err: expect.stringMatching(/^remark: No access list was given/) });
  expect(csv.out).not.toContain('unlisted');
});

test('clients without an address are one source with a name, with and without a list', async () => {
  const dump = found('dumps/odd-client-addresses.json');
  for (const lists of [[], [found('lists/base-list.json')]]) {
    const { sources, findings } = await report(lists, dump);
    expect(sources.filter(({ id, name }) => id.trim() === '' || name.trim() === '')).toEqual([]);
    expect(sources.filter(({ id }) => id === 'unknown address')).toMatchObject([
      { name: 'unknown address', class: 'unknown', dormant: 3, hosts: [{ address: 'unknown address', dormant: 3 }] },
    ]);
    // A name or a malformed address is no address that an entry could let in.
    expect(findings.filter(({ text }) => /unknown address|internal|009/.test(text))).toEqual([]);
  }
});

test('a file that is not an access list ends with exit code 2 and its place, without its content', async () => {
  const file = join(directory, 'cut.json');
  await writeFile(file, '{"cidrBlock":"203.0.113.0/24"}\n{"comment":"hunter2secret", oops}\n');
  const { code, out, err } = await terminal.type(['report', '--from', DUMP, '--access-list', file]);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(`${file}, line 2 is not JSON, or is cut off.`);
  expect(err).not.toContain('hunter2');
});
