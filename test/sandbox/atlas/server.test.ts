// The stand-in refuses what the real Admin API refuses.

import { expect, onTestFinished, test } from 'vitest';
import { challengeOf, digestHeader } from '../../../src/atlas/digest.ts';
import { accessListEntry, emptyScenario, PROJECT_ID } from './scenario.ts';
import { startAtlas } from './server.ts';

const ACCEPT = 'application/vnd.atlas.2025-03-12+json';
const LIST = `/api/atlas/v2/groups/${PROJECT_ID}/accessList`;

async function start() {
  const clock = { now: new Date('2026-11-21T10:00:00Z') };
  const accessList = Array.from({ length: 5 }, (_, index) => accessListEntry(`198.51.100.${index}`));
  const atlas = await startAtlas({ scenario: { ...emptyScenario(), accessList }, now: () => clock.now });
  onTestFinished(() => atlas.close());
  const { clientId, clientSecret } = atlas.scenario.serviceAccount;
  const answer = await fetch(`${atlas.url}/api/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token } = (await answer.json()) as { access_token: string };
  const authorization = `Bearer ${access_token}`;
  const ask = async (path: string, init: { method?: string; headers?: Record<string, string> } = {}) => {
    const headers = { accept: ACCEPT, authorization, ...init.headers };
    const {
      status,
      headers: got,
      ...response
    } = await fetch(atlas.url + path, { ...init, headers }).then(async (r) => ({
      status: r.status,
      headers: r.headers,
      body: (await r.json()) as Record<string, unknown>,
    }));
    return { status, type: got.get('content-type'), errorCode: response.body['errorCode'], body: response.body };
  };
  return { atlas, clock, ask };
}

test('a version is required, known, and resolved to the newest that is not later', async () => {
  const { ask } = await start();
  const flex = `/api/atlas/v2/groups/${PROJECT_ID}/flexClusters`;
  const as = (accept: string) => ({ headers: { accept } });
  expect(await ask(LIST, as('application/json'))).toMatchObject({ status: 406 });
  expect(await ask(LIST, as('application/vnd.atlas.2999-01-01+json'))).toMatchObject({
    status: 400,
    errorCode: 'INVALID_VERSION_DATE',
  });
  expect(await ask(flex, as('application/vnd.atlas.2024-08-05+json'))).toMatchObject({ status: 406 });
  expect((await ask(flex)).type).toBe('application/vnd.atlas.2024-11-13+json;charset=utf-8');
});

test('pages have links and a count, and at most 500 items', async () => {
  const { ask } = await start();
  const { body } = await ask(`${LIST}?itemsPerPage=2&pageNum=2`);
  expect(body['totalCount']).toBe(5);
  expect(body['results']).toMatchObject([{ ipAddress: '198.51.100.2' }, { ipAddress: '198.51.100.3' }]);
  expect((body['links'] as { rel: string }[]).map(({ rel }) => rel)).toEqual(['self', 'previous', 'next']);
  expect(await ask(`${LIST}?itemsPerPage=501`)).toMatchObject({ status: 400 });
});

test('a token ends when it says, and no token or a made-up one is refused', async () => {
  const { clock, ask } = await start();
  expect(await ask(LIST)).toMatchObject({ status: 200 });
  expect(await ask(LIST, { headers: { authorization: 'Bearer made-up' } })).toMatchObject({ status: 401 });
  clock.now = new Date('2026-11-21T11:00:00Z');
  expect(await ask(LIST)).toMatchObject({ status: 401 });
});

test('nothing can be written, and nothing is there that the API does not have', async () => {
  const { ask } = await start();
  expect(await ask(LIST, { method: 'POST' })).toMatchObject({ status: 405 });
  expect(await ask('/api/atlas/v2/nothing')).toMatchObject({ status: 404, errorCode: 'RESOURCE_NOT_FOUND' });
  expect(await ask(LIST.replace(PROJECT_ID, 'f'.repeat(24)))).toMatchObject({
    status: 404,
    errorCode: 'GROUP_NOT_FOUND',
  });
});

test('peers are those of AWS unless another provider is named', async () => {
  const { atlas, ask } = await start();
  atlas.scenario.peers.AZURE.push({ vnetName: 'vnet' });
  const peers = `/api/atlas/v2/groups/${PROJECT_ID}/peers`;
  expect((await ask(peers)).body['results']).toEqual([]);
  expect((await ask(`${peers}?providerName=AZURE`)).body['results']).toEqual([{ vnetName: 'vnet' }]);
});

test('a Digest that was sent before is refused', async () => {
  const { atlas } = await start();
  const first = await fetch(atlas.url + LIST, { headers: { accept: ACCEPT } });
  const headers = { 'www-authenticate': first.headers.get('www-authenticate') ?? '' };
  const challenge = challengeOf({ status: 401, headers, body: '' })!;
  const key = atlas.scenario.apiKey;
  const sent = (count: number) =>
    fetch(atlas.url + LIST, {
      headers: {
        accept: ACCEPT,
        authorization: digestHeader({ challenge, count, cnonce: '0a4f113b', key, method: 'GET', target: LIST }),
      },
    });
  const statuses: number[] = [];
  for (const count of [1, 1, 2]) statuses.push((await sent(count)).status);
  expect(statuses).toEqual([200, 401, 200]);
});
