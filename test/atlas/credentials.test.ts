// Service account tokens and HTTP Digest: shared, reused, renewed, and never sent twice alike.

import { expect, test } from 'vitest';
import { challengeOf, digestAuthorization, digestHeader } from '../../src/atlas/digest.ts';
import { apiKeyOf, bench, NEVER, targetsOf } from './fixture.ts';

const TOKEN = /oauth\/token/;
const refused = { kind: 'answer', status: 401, body: { error: 401, reason: 'Unauthorized' } } as const;

test('concurrent requests share one token, and later ones reuse it', async () => {
  const { atlas, open } = await bench();
  const project = open();
  await Promise.all([project.accessList(NEVER), project.networks(NEVER), project.clusters(NEVER)]);
  await project.processes(NEVER);
  expect(targetsOf(atlas, TOKEN)).toHaveLength(1);
  expect(atlas.requests.length).toBeGreaterThan(10);
});

test('a token is renewed a minute before it ends, not earlier', async () => {
  const { atlas, clock, open } = await bench();
  const project = open();
  await project.processes(NEVER);
  clock.now = new Date('2026-11-21T10:58:59Z');
  await project.processes(NEVER);
  expect(targetsOf(atlas, TOKEN)).toHaveLength(1);
  clock.now = new Date('2026-11-21T10:59:00Z');
  await project.processes(NEVER);
  expect(targetsOf(atlas, TOKEN)).toHaveLength(2);
  expect(atlas.requests.map(({ status }) => status)).not.toContain(401);
});

test('a token shorter than that minute is still reused for half its life', async () => {
  const { atlas, clock, open } = await bench({ tokenSeconds: 30 });
  const project = open();
  await project.processes(NEVER);
  clock.now = new Date('2026-11-21T10:00:14Z');
  await project.processes(NEVER);
  expect(targetsOf(atlas, TOKEN)).toHaveLength(1);
});

test('a token that Atlas revoked is replaced once, for all requests that met it', async () => {
  const { atlas, open } = await bench();
  const project = open();
  await project.processes(NEVER);
  atlas.expireCredentials();
  const { problems } = await project.networks(NEVER);
  expect(problems).toEqual([]);
  expect(targetsOf(atlas, TOKEN)).toHaveLength(2);
});

test('a request refused with a fresh token, too, is not sent a third time', async () => {
  const { atlas, open } = await bench();
  atlas.faults.add(/processes/, refused);
  await expect(open().processes(NEVER)).rejects.toThrow('mdb_sa_id_6540c2a5f1e2d3c4b5a69788');
  expect(targetsOf(atlas, /processes/)).toHaveLength(2);
  expect(targetsOf(atlas, TOKEN)).toHaveLength(2);
});

test('a request that gives up leaves the token to the others that wait for it', async () => {
  const { atlas, open } = await bench();
  atlas.faults.add(TOKEN, { kind: 'slow', ms: 50 }, 1);
  const project = open();
  const impatient = new AbortController();
  const given = project.accessList(impatient.signal);
  const waiting = project.processes(NEVER);
  impatient.abort(new Error('never mind'));
  await expect(given).rejects.toThrow('never mind');
  expect(await waiting).toEqual([]);
  expect(targetsOf(atlas, TOKEN)).toHaveLength(1);
});

test('the client id and secret go into the token request as they are', async () => {
  const { atlas, open } = await bench({
    serviceAccount: { clientId: 'mdb_sa_id_1', clientSecret: 'mdb_sa_sk_a+b/c=%_é' },
  });
  expect(await open().processes(NEVER)).toEqual([]);
  expect(atlas.requests[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded');
});

const digestsIn = (requests: readonly { headers: { authorization?: string | undefined } }[]) =>
  requests.flatMap(({ headers }) => {
    const [, nonce] = /nonce="([^"]+)"/.exec(headers.authorization ?? '') ?? [];
    const [, nc] = /nc=(\w+)/.exec(headers.authorization ?? '') ?? [];
    return nonce && nc ? [{ nonce, nc }] : [];
  });

test('one nonce serves request after request, counted up', async () => {
  const { atlas, open } = await bench();
  const project = open({ credentials: apiKeyOf(atlas) });
  await project.processes(NEVER);
  await project.processes(NEVER);
  await project.processes(NEVER);
  expect(atlas.requests.map(({ status }) => status)).toEqual([401, 200, 200, 200]);
  const digests = digestsIn(atlas.requests);
  expect(digests.map(({ nc }) => nc)).toEqual(['00000001', '00000002', '00000003']);
  expect(new Set(digests.map(({ nonce }) => nonce)).size).toBe(1);
});

test('parallel requests never carry the same count with one nonce', async () => {
  const { atlas, open } = await bench();
  const project = open({ credentials: apiKeyOf(atlas) });
  const all = () => Promise.all([project.networks(NEVER), project.networks(NEVER), project.clusters(NEVER)]);
  await all();
  atlas.expireCredentials();
  const [networks] = await all();
  expect(networks.problems).toEqual([]);
  const digests = digestsIn(atlas.requests);
  expect(digests.length).toBeGreaterThan(32);
  expect(new Set(digests.map(({ nonce, nc }) => `${nonce} ${nc}`)).size).toBe(digests.length);
});

test('a nonce that is used up is replaced without a failure', async () => {
  const { atlas, open } = await bench({ nonceUses: 2 });
  const project = open({ credentials: apiKeyOf(atlas) });
  for (let reading = 0; reading < 4; reading += 1) await project.processes(NEVER);
  expect(atlas.requests.map(({ status }) => status)).toEqual([401, 200, 200, 401, 200, 200]);
});

test('a wrong private key is refused after one challenge and one answer to it', async () => {
  const { atlas, open } = await bench();
  const credentials = { ...apiKeyOf(atlas), privateKey: 'wrong' };
  await expect(open({ credentials }).processes(NEVER)).rejects.toThrow('API key abcdefgh');
  expect(atlas.requests.map(({ status }) => status)).toEqual([401, 401]);
});

test('the Digest is that of RFC 2617, section 3.5', () => {
  const header = digestHeader({
    challenge: {
      realm: 'testrealm@host.com',
      nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
      opaque: '5ccc069c403ebaf9f0171e9517f40e41',
      stale: false,
    },
    count: 1,
    cnonce: '0a4f113b',
    key: { publicKey: 'Mufasa', privateKey: 'Circle Of Life' },
    method: 'GET',
    target: '/dir/index.html',
  });
  expect(header).toContain('response="6629fae49393a05397450978507c4ef1"');
  expect(header).toContain('opaque="5ccc069c403ebaf9f0171e9517f40e41"');
});

test.each([
  ['Basic realm="x"', null],
  ['Digest realm="x", nonce="n", algorithm=SHA-256, qop="auth"', null],
  ['Digest realm="x", nonce="n", qop="auth-int"', null],
  ['Digest realm="a \\"b\\"", nonce="n", qop="auth,auth-int", stale=TRUE', { realm: 'a "b"', stale: true }],
])('a challenge is met only in MD5 with qop=auth: %s', (value, met) => {
  const challenge = challengeOf({ status: 401, headers: { 'www-authenticate': value }, body: '' });
  if (met === null) expect(challenge).toBeNull();
  else expect(challenge).toMatchObject(met);
});

const challenged = (nonce: string, stale: boolean) => ({
  status: 401,
  headers: { 'www-authenticate': `Digest realm="MMS Public API", nonce="${nonce}", qop="auth", stale=${stale}` },
  body: '',
});
const request = { method: 'GET', target: '/' };

test('parallel requests challenged with one and the same nonce count on, they do not start again', async () => {
  const authorization = digestAuthorization({ publicKey: 'p', privateKey: 's' });
  const [one, other] = [await authorization.ticket(request, NEVER), await authorization.ticket(request, NEVER)];
  const tickets = [];
  for (const used of [one, other]) {
    expect(authorization.renew({ answer: challenged('n', false), used, renewals: 0 })).toBe(true);
    tickets.push(await authorization.ticket(request, NEVER));
  }
  expect(tickets.map(({ header }) => /nc=(\w+)/.exec(header ?? '')?.[1])).toEqual(['00000001', '00000002']);
});

test('a nonce that went stale on its way is replaced once more, a refused answer to a fresh one is final', async () => {
  const authorization = digestAuthorization({ publicKey: 'p', privateKey: 's' });
  const used = { header: null, proof: null };
  expect(authorization.renew({ answer: challenged('n', false), used, renewals: 0 })).toBe(true);
  expect(authorization.renew({ answer: challenged('o', false), used, renewals: 1 })).toBe(false);
  expect(authorization.renew({ answer: challenged('o', true), used, renewals: 1 })).toBe(true);
  expect(authorization.renew({ answer: challenged('p', true), used, renewals: 2 })).toBe(false);
  expect(authorization.renew({ answer: { status: 401, headers: {}, body: '' }, used, renewals: 0 })).toBe(false);
});

test('a base URL with a path of its own is kept, and the Digest made over the whole path', async () => {
  const { atlas, open } = await bench();
  atlas.faults.add(/^\/proxy\/api\//, { kind: 'answer', ...challenged('n', false) }, 1);
  atlas.faults.add(/^\/proxy\/api\//, { kind: 'answer', status: 200, body: { results: [], links: [] } });
  const project = open({ baseUrl: `${atlas.url}/proxy/`, credentials: apiKeyOf(atlas) });
  expect(await project.processes(NEVER)).toEqual([]);
  const [, last] = atlas.requests;
  expect(last?.target).toMatch(/^\/proxy\/api\/atlas\/v2\/groups\/64b0c2a5f1e2d3c4b5a69788\/processes\?/);
  expect(last?.headers.authorization).toContain(`uri="${last?.target}"`);
});
