// No secret of ours is in any error, whatever Atlas or a proxy before it answers.

import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { apiKeyOf, bench, NEVER, upstreamOf } from './fixture.ts';

const PROCESSES = /processes/;

/** Answers that hand back what they were sent, as a proxy's error page may. */
const ECHOES = [200, 302, 400, 401, 403, 404, 429, 500].flatMap((status) => [
  { status, json: true },
  { status, json: false },
]);

test.each(ECHOES)('no secret is in an error, even where the answer echoes it: %j', async ({ status, json }) => {
  const { atlas, open } = await bench();
  const { clientId, clientSecret } = atlas.scenario.serviceAccount;
  const { privateKey } = atlas.scenario.apiKey;
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
  const secrets = [clientSecret, privateKey, basic, 'token-of-theirs'];
  const echo = {
    error: secrets.join(' '),
    errorCode: secrets[0],
    detail: secrets.join(' '),
    access_token: secrets[3],
  };
  const body = json ? echo : `{ "access_token": ${secrets.join(' ')}`;
  for (const path of [/oauth/, PROCESSES]) {
    atlas.faults.clear();
    atlas.faults.add(path, { kind: 'answer', status, body });
    for (const credentials of [apiKeyOf(atlas), { kind: 'service-account', clientId, clientSecret } as const]) {
      if (path.source === 'oauth' && credentials.kind === 'api-key') continue;
      const error = await upstreamOf(open({ credentials }).processes(NEVER));
      const told = `${inspect(error, { depth: null, showHidden: true })} ${JSON.stringify(error.problem)}`;
      for (const secret of secrets) expect(told).not.toContain(secret);
    }
  }
});

test('no secret is in the cause of a request that got no answer', async () => {
  const { atlas, open } = await bench();
  atlas.faults.add(PROCESSES, { kind: 'drop' });
  const error = await upstreamOf(open().processes(NEVER));
  expect(error.cause).toBeInstanceOf(Error);
  expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(/Bearer|token-|mdb_sa_sk/);
});
