// Odd answers of the Atlas Admin API, each with what must follow. What is not of Atlas says nothing, and is never shown.

import nock from 'nock';
import { afterAll, afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { type AtlasProjectOptions, openAtlasProject } from '../../src/atlas/project.ts';
import type { AtlasProject } from '../../src/core/ports/clusters.ts';
import { UpstreamError } from '../../src/errors.ts';
import { NEVER } from './fixture.ts';

const ATLAS = 'https://cloud.mongodb.com';
const PROJECT = '64b0c2a5f1e2d3c4b5a69788';
const GROUP = `/api/atlas/v2/groups/${PROJECT}`;
const LIST = `${ATLAS}${GROUP}/accessList`;
/** Stands in every body that is not of Atlas. */
const MARK = 'hunter2';
const HTML = `<!doctype html><title>Sign in</title><p>${MARK}</p>`;
const HTML_TYPE = { 'content-type': 'text/html; charset=utf-8' };
const JSON_TYPE = { 'content-type': 'application/vnd.atlas.2023-01-01+json;charset=utf-8' };

let unmatched: string[] = [];
const note = ({ url }: Request) => void unmatched.push(url);
beforeEach(() => {
  unmatched = [];
  nock.disableNetConnect();
  nock.emitter.on('no match', note);
});
afterEach(() => {
  nock.emitter.off('no match', note);
  nock.cleanAll();
  nock.enableNetConnect();
});
// Other tests run in this process, and an active nock holds the sockets that they open.
afterAll(() => nock.restore());

type Body = string | Readonly<Record<string, unknown>> | readonly unknown[] | null;
/** Status, body and headers; the last of several is given again and again. */
type Reply = readonly [status: number, body?: Body, headers?: Readonly<Record<string, string>>];

const written = (body: Body | undefined) => (typeof body === 'string' ? body : JSON.stringify(body ?? ''));

function atlas(path: string | RegExp, replies: readonly Reply[], method: 'get' | 'post' = 'get'): () => number {
  let asked = 0;
  const scope = nock(ATLAS).persist();
  const request = method === 'get' ? scope.get(path).query(true) : scope.post(path);
  request.reply(() => {
    const [status, body, headers = JSON_TYPE] = replies[Math.min(asked, replies.length - 1)] ?? [500];
    asked += 1;
    return [status, written(body), { ...headers }];
  });
  return () => asked;
}

const token = () => atlas('/api/oauth/token', [[200, { access_token: 'token-1', expires_in: 3_600 }]], 'post');

function open(more: Partial<AtlasProjectOptions> = {}): AtlasProject & { readonly waits: readonly number[] } {
  const waits: number[] = [];
  const clock = { now: Date.parse('2026-11-21T10:00:00Z') };
  const project = openAtlasProject({
    baseUrl: ATLAS,
    projectId: PROJECT,
    credentials: { kind: 'service-account', clientId: 'mdb_sa_id_1', clientSecret: 'mdb_sa_sk_1' },
    now: () => new Date(clock.now),
    random: () => 0.5,
    userAgent: 'atlas-conns/test',
    sleep: async (ms) => {
      waits.push(ms);
      clock.now += ms;
    },
    ...more,
  });
  onTestFinished(() => project.close());
  return { ...project, waits };
}

const API_KEY = { credentials: { kind: 'api-key', publicKey: 'abcdefgh', privateKey: 'private-1' } } as const;

/** What an exchange comes to: the list, or why there is none. */
async function outcomeOf(project: AtlasProject) {
  try {
    const { entries, complete, problems } = await project.accessList(NEVER);
    return {
      entries: entries.length,
      complete,
      codes: problems.map(({ code }) => code),
      said: JSON.stringify(problems),
    };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    const { code, text, remedy } = error.problem;
    return { code, text, said: `${text} ${remedy} ${error.stack}` };
  }
}

const entry = (at: number) => ({
  cidrBlock: `198.51.100.${at}/32`,
  ipAddress: `198.51.100.${at}`,
  comment: `host ${at}`,
});
const entries = (count: number, from = 0) => Array.from({ length: count }, (_, at) => entry(from + at));
const page = (results: readonly unknown[], more: Readonly<Record<string, unknown>> = {}) => ({
  links: [{ rel: 'self', href: `${LIST}?pageNum=1` }],
  results,
  totalCount: results.length,
  ...more,
});
const next = (href: string) => ({ links: [{ rel: 'next', href }] });
const refusal = (errorCode: string | null, parameters: readonly unknown[] = []) => ({
  error: 403,
  detail: `Detail with ${MARK}.`,
  reason: 'Forbidden',
  parameters,
  ...(errorCode !== null && { errorCode }),
});

interface Row {
  readonly rule: string;
  readonly replies: readonly Reply[];
  readonly follows: Readonly<Record<string, unknown>>;
  /** How often the list is asked for. */
  readonly asks?: number;
}

const foreign = { code: 'atlas-answer-not-json' };
const whole = (count: number) => ({ entries: count, complete: true, codes: [] });
const short = (count: number) => ({ entries: count, complete: false, codes: ['access-list-short'] });

const ROWS: readonly Row[] = [
  {
    rule: '200 with HTML',
    replies: [[200, HTML, HTML_TYPE]],
    follows: { ...foreign, text: expect.stringContaining('(text/html)') },
  },
  { rule: '200 with HTML called JSON', replies: [[200, HTML]], follows: foreign },
  { rule: '200 with nothing', replies: [[200, '']], follows: foreign },
  { rule: '204', replies: [[204, '']], follows: foreign },
  { rule: '200 with a cut body', replies: [[200, `{"results":[{"cidrBlock":"${MARK}`]], follows: foreign },
  {
    rule: '200 with a content type that is text of its own',
    replies: [[200, HTML, { 'content-type': `<b>${MARK}</b>` }]],
    follows: { ...foreign, text: expect.stringContaining('(no content type)') },
  },
  { rule: '200 with null', replies: [[200, 'null']], follows: { code: 'atlas-field-missing' } },
  { rule: '200 with an array', replies: [[200, []]], follows: { code: 'atlas-field-missing' } },
  { rule: '200 with a text', replies: [[200, `"${MARK}"`]], follows: { code: 'atlas-field-missing' } },
  { rule: '200 with an object of nothing', replies: [[200, {}]], follows: { code: 'atlas-field-missing' } },
  { rule: '200 with results: null', replies: [[200, { results: null }]], follows: { code: 'atlas-field-missing' } },
  { rule: 'the list under another content type', replies: [[200, page(entries(2)), HTML_TYPE]], follows: whole(2) },
  { rule: 'an empty list', replies: [[200, page([])]], follows: whole(0) },

  { rule: '401 with HTML', replies: [[401, HTML, HTML_TYPE]], follows: foreign, asks: 2 },
  { rule: '401 with nothing', replies: [[401, '']], follows: foreign, asks: 2 },
  { rule: '401 of Atlas', replies: [[401, refusal(null)]], follows: { code: 'atlas-credentials-refused' }, asks: 2 },
  {
    rule: '401 of Atlas once',
    replies: [
      [401, refusal(null)],
      [200, page(entries(1))],
    ],
    follows: whole(1),
    asks: 2,
  },
  {
    rule: '401 for want of a role',
    replies: [[401, refusal('USER_UNAUTHORIZED')]],
    follows: { code: 'atlas-role-missing' },
    asks: 2,
  },
  { rule: '403 with HTML', replies: [[403, HTML, HTML_TYPE]], follows: foreign },
  {
    rule: '403 for want of a role',
    replies: [[403, refusal('USER_UNAUTHORIZED')]],
    follows: { code: 'atlas-role-missing' },
  },
  {
    rule: '403 for an address',
    replies: [[403, refusal('IP_ADDRESS_NOT_ON_ACCESS_LIST', ['203.0.113.77'])]],
    follows: { code: 'atlas-address-refused', text: expect.stringContaining('203.0.113.77') },
  },
  {
    rule: '403 for an address that is none',
    replies: [[403, refusal('IP_ADDRESS_NOT_ON_ACCESS_LIST', [MARK, 7, null])]],
    follows: { code: 'atlas-address-refused', text: expect.stringContaining('the address of this machine') },
  },
  {
    rule: '403 with a code that nobody knows',
    replies: [[403, refusal('SOMETHING_NEW')]],
    follows: { code: 'atlas-refused', text: expect.stringContaining('(403 SOMETHING_NEW)') },
  },
  {
    rule: '403 with a code that is a text',
    replies: [[403, refusal(`No ${MARK}!`)]],
    follows: { code: 'atlas-refused', text: expect.stringMatching(/\(403\)\.$/) },
  },
  {
    rule: '403 with a code that every object knows',
    replies: [[403, { error: 'constructor' }]],
    follows: { code: 'atlas-refused', text: expect.stringContaining('(403 constructor)') },
  },
  { rule: '403 without a code', replies: [[403, refusal(null)]], follows: { code: 'atlas-refused' } },
  { rule: '404 with HTML', replies: [[404, HTML, HTML_TYPE]], follows: { code: 'atlas-not-found' } },
  { rule: '405 of a proxy', replies: [[405, HTML, HTML_TYPE]], follows: foreign },
  { rule: '406', replies: [[406, '']], follows: { code: 'atlas-version-refused' } },
  { rule: '410 of Atlas', replies: [[410, refusal('VERSION_GONE')]], follows: { code: 'atlas-version-gone' } },
  { rule: '410 with HTML', replies: [[410, HTML, HTML_TYPE]], follows: foreign },
  { rule: '451 of a proxy', replies: [[451, HTML, HTML_TYPE]], follows: foreign },
  {
    rule: '302 to a login page',
    replies: [[302, HTML, { ...HTML_TYPE, location: `https://login.example/?${MARK}` }]],
    follows: { code: 'atlas-redirected' },
  },
  { rule: '304', replies: [[304, '']], follows: { code: 'atlas-redirected' } },

  { rule: '500 with HTML', replies: [[500, HTML, HTML_TYPE]], follows: { code: 'atlas-server-error' }, asks: 5 },
  {
    rule: '502 with HTML, then the list',
    replies: [
      [502, HTML, HTML_TYPE],
      [200, page(entries(1))],
    ],
    follows: whole(1),
    asks: 2,
  },
  {
    rule: '503 with a code',
    replies: [[503, refusal('MAINTENANCE')]],
    follows: { code: 'atlas-server-error' },
    asks: 5,
  },
  ...['0', '-5', 'soon', '1e9', '', 'Wed, 21 Oct 2099 07:28:00 GMT'].map((after) => ({
    rule: `429 with Retry-After: ${after}, then the list`,
    replies: [
      [429, refusal('RATE_LIMITED_TOKEN_BUCKET'), { 'retry-after': after }],
      [200, page(entries(1))],
    ] as const,
    follows: whole(1),
    asks: 2,
  })),
  {
    rule: '429 with a Retry-After of years',
    replies: [[429, refusal('RATE_LIMITED_TOKEN_BUCKET'), { 'retry-after': '99999999' }]],
    follows: { code: 'atlas-rate-limited' },
  },
  {
    rule: '429 without Retry-After, for ever',
    replies: [[429, HTML, HTML_TYPE]],
    follows: { code: 'atlas-rate-limited' },
    asks: 5,
  },

  {
    rule: 'fewer entries than are counted',
    replies: [[200, page(entries(100), { totalCount: 150 })]],
    follows: short(100),
  },
  { rule: 'more entries than are counted', replies: [[200, page(entries(3), { totalCount: 2 })]], follows: whole(3) },
  { rule: 'a count that is a text', replies: [[200, page(entries(3), { totalCount: '9' })]], follows: whole(3) },
  { rule: 'a count below zero', replies: [[200, page(entries(3), { totalCount: -1 })]], follows: whole(3) },
  { rule: 'no count', replies: [[200, page(entries(3), { totalCount: null })]], follows: whole(3) },
  {
    rule: 'two pages',
    replies: [
      [200, page(entries(3), { ...next(LIST), totalCount: 5 })],
      [200, page(entries(2, 3), { totalCount: 5 })],
    ],
    follows: whole(5),
    asks: 2,
  },
  {
    rule: 'a list from which an entry went while it was read',
    replies: [
      [200, page(entries(3), { ...next(LIST), totalCount: 6 })],
      [200, page(entries(2, 4), { totalCount: 5 })],
    ],
    follows: short(5),
    asks: 2,
  },
  {
    rule: 'a list to which an entry came while it was read',
    replies: [
      [200, page(entries(3), { ...next(LIST), totalCount: 5 })],
      [200, page(entries(3, 2), { totalCount: 5 })],
    ],
    follows: whole(5),
    asks: 2,
  },
  {
    rule: 'a page beyond the last, with nothing',
    replies: [
      [200, page(entries(3), { ...next(LIST) })],
      [200, page([], { totalCount: 3 })],
    ],
    follows: whole(3),
    asks: 2,
  },
  {
    rule: 'a next page that is the same again and again',
    replies: [[200, page(entries(3), { ...next(`${LIST}?pageNum=1`), totalCount: 3 })]],
    follows: { entries: 3, complete: false, codes: ['access-list-page-failed'] },
    asks: 2,
  },
  {
    rule: 'a next page on another host, which is never asked',
    replies: [
      [200, page(entries(3), { ...next('https://evil.example/accessList'), totalCount: 5 })],
      [200, page(entries(2, 3), { totalCount: 5 })],
    ],
    follows: whole(5),
    asks: 2,
  },
  {
    rule: 'a second page of HTML',
    replies: [
      [200, page(entries(3), { ...next(LIST), totalCount: 5 })],
      [200, HTML, HTML_TYPE],
    ],
    follows: { entries: 3, complete: false, codes: ['access-list-page-failed'] },
    asks: 2,
  },
  {
    rule: 'links that are none',
    replies: [[200, page(entries(3), { links: [null, 7, 'next', { rel: 3 }, { href: LIST }] })]],
    follows: whole(3),
  },
  {
    rule: 'many entries without what lets them match',
    replies: [[200, page([...entries(1), ...Array.from({ length: 40 }, (_, at) => ({ comment: `x${at}` }))])]],
    follows: { entries: 1, complete: false, codes: ['atlas-field-missing'] },
  },
  {
    rule: 'entries that are none',
    replies: [[200, page([null, 7, MARK, [], entry(1)])]],
    follows: { entries: 1, complete: false, codes: ['atlas-field-missing'] },
  },
  {
    rule: 'empty texts and nulls for what an entry has not',
    replies: [[200, page([{ awsSecurityGroup: '', cidrBlock: '203.0.113.0/24', ipAddress: '', comment: null }])]],
    follows: whole(1),
  },
  {
    rule: 'fields that nobody knows',
    replies: [[200, page([{ ...entry(1), colour: 'green', links: {} }], { extra: {} })]],
    follows: whole(1),
  },
];

test.each(ROWS)('$rule', async ({ replies, follows, asks = 1 }) => {
  token();
  const asked = atlas(`${GROUP}/accessList`, replies);
  const project = open();
  const outcome = await outcomeOf(project);
  expect(outcome).toMatchObject(follows);
  expect(outcome.said).not.toContain(MARK);
  expect(asked()).toBe(asks);
  expect(unmatched).toEqual([]);
  expect(project.waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(30_000);
});

const DIGEST = 'Digest realm="MMS Public API", domain="", nonce="n1", algorithm=MD5, qop="auth", stale=false';
const challenge = (value: string): Reply => [401, HTML, { ...HTML_TYPE, 'www-authenticate': value }];

test.each<Row>([
  {
    rule: 'a challenge, then the list',
    replies: [challenge(DIGEST), [200, page(entries(1))]],
    follows: whole(1),
    asks: 2,
  },
  {
    rule: 'challenges without end',
    replies: [challenge(DIGEST)],
    follows: { code: 'atlas-credentials-refused' },
    asks: 2,
  },
  {
    rule: 'stale challenges without end',
    replies: [challenge(DIGEST.replace('stale=false', 'stale=true'))],
    follows: { code: 'atlas-credentials-refused' },
    asks: 3,
  },
  { rule: 'a challenge of a proxy', replies: [challenge('Basic realm="proxy"')], follows: foreign, asks: 1 },
  { rule: 'a challenge that is empty', replies: [challenge('Digest')], follows: foreign, asks: 1 },
  {
    rule: 'a challenge that we cannot meet',
    replies: [challenge(DIGEST.replace('MD5', 'SHA-256'))],
    follows: foreign,
    asks: 1,
  },
  { rule: 'a challenge, then HTML', replies: [challenge(DIGEST), [200, HTML, HTML_TYPE]], follows: foreign, asks: 2 },
])('with an API key: $rule', async ({ replies, follows, asks }) => {
  const asked = atlas(`${GROUP}/accessList`, replies);
  const outcome = await outcomeOf(open(API_KEY));
  expect(outcome).toMatchObject(follows);
  expect(outcome.said).not.toContain(MARK);
  expect(asked()).toBe(asks);
});

test.each<Row>([
  { rule: '200 with HTML', replies: [[200, HTML, HTML_TYPE]], follows: foreign, asks: 1 },
  { rule: '200 with nothing', replies: [[200, '']], follows: foreign, asks: 1 },
  { rule: 'no token', replies: [[200, { expires_in: 3_600 }]], follows: { code: 'atlas-field-missing' }, asks: 1 },
  {
    rule: 'a token that is null',
    replies: [[200, { access_token: null, expires_in: 3_600 }]],
    follows: { code: 'atlas-field-missing' },
    asks: 1,
  },
  {
    rule: 'a life that is a text',
    replies: [[200, { access_token: MARK, expires_in: '3600' }]],
    follows: { code: 'atlas-field-missing' },
    asks: 1,
  },
  {
    rule: 'a life of nothing',
    replies: [[200, { access_token: 'token-1', expires_in: 0 }]],
    follows: whole(1),
    asks: 1,
  },
  {
    rule: '401 of OAuth',
    replies: [[401, { error: 'invalid_client' }]],
    follows: { code: 'atlas-credentials-refused' },
    asks: 1,
  },
  { rule: '403 with HTML', replies: [[403, HTML, HTML_TYPE]], follows: foreign, asks: 1 },
  {
    rule: '503, then a token',
    replies: [
      [503, HTML, HTML_TYPE],
      [200, { access_token: 't', expires_in: 60 }],
    ],
    follows: whole(1),
    asks: 2,
  },
])('the token: $rule', async ({ replies, follows, asks }) => {
  const asked = atlas('/api/oauth/token', replies, 'post');
  atlas(`${GROUP}/accessList`, [[200, page(entries(1))]]);
  const outcome = await outcomeOf(open());
  expect(outcome).toMatchObject(follows);
  expect(outcome.said).not.toContain(MARK);
  expect(asked()).toBe(asks);
});

test('unknown values of Atlas leave out their part only', async () => {
  token();
  const cluster = { name: 'prod', clusterType: 'REPLICASET', stateName: 'IDLE', paused: false };
  const odd = { ...cluster, name: 'odd', clusterType: `FUTURE_${'X'.repeat(400)}` };
  atlas(`${GROUP}/clusters`, [
    [200, page([cluster, odd, { name: 'bare' }, { ...cluster, name: 'new', stateName: 'NEW' }])],
  ]);
  atlas(`${GROUP}/flexClusters`, [[403, HTML, HTML_TYPE]]);
  const { clusters, problems } = await open().clusters(NEVER);
  expect(clusters.map(({ name }) => name)).toEqual(['new', 'prod']);
  expect(problems.map(({ code }) => code)).toEqual([
    'atlas-field-unknown',
    'atlas-field-missing',
    'flex-clusters-unread',
  ]);
  expect(JSON.stringify(problems)).not.toMatch(new RegExp(`${MARK}|X{50}`));
});

test('one part of the networks is HTML: the others are kept, with one problem', async () => {
  token();
  const container = {
    providerName: 'AWS',
    atlasCidrBlock: '192.168.248.0/21',
    regionName: 'EU_WEST_1',
    provisioned: true,
  };
  const unknown = { ...container, providerName: 'MOON' };
  atlas(`${GROUP}/containers/all`, [[200, page([container, unknown])]]);
  atlas(`${GROUP}/peers`, [[200, HTML, HTML_TYPE]]);
  atlas(/endpointService$/, [[200, 'null']]);
  const { containers, peers, problems } = await open().networks(NEVER);
  expect(containers).toHaveLength(1);
  expect(peers).toEqual([]);
  expect(new Set(problems.map(({ code }) => code))).toEqual(
    new Set(['atlas-field-unknown', 'atlas-answer-not-json', 'atlas-field-missing', 'names-untold']),
  );
  expect(JSON.stringify(problems)).not.toContain(MARK);
});
