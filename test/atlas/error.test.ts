// Every way in which Atlas refuses or cannot be reached ends in a sentence with a remedy, and none tells a secret.

import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { AtlasProjectOptions } from '../../src/atlas/project.ts';
import { SELF_SIGNED } from '../sandbox/atlas/certificate.ts';
import { apiError, type Misbehaviour, rateLimited } from '../sandbox/atlas/fault.ts';
import type { AtlasScenario } from '../sandbox/atlas/scenario.ts';
import type { AtlasStandIn } from '../sandbox/atlas/server.ts';
import { apiKeyOf, bench, NEVER, problemOf, targetsOf } from './fixture.ts';

const ACCOUNT = 'service account mdb_sa_id_6540c2a5f1e2d3c4b5a69788';
const LIST = 'the processes of project 64b0c2a5f1e2d3c4b5a69788';
const PROCESSES = /processes/;

interface Case {
  rule: string;
  scenario?: Partial<AtlasScenario>;
  fault?: Misbehaviour;
  options?: (atlas: AtlasStandIn) => Partial<AtlasProjectOptions>;
  code: string;
  text: string;
  remedy: string;
}

const CASES: readonly Case[] = [
  {
    rule: 'a wrong client secret',
    options: ({ scenario: { serviceAccount } }) => ({
      credentials: { kind: 'service-account', clientId: serviceAccount.clientId, clientSecret: 'mdb_sa_sk_wrong' },
    }),
    code: 'atlas-credentials-refused',
    text: `Atlas refuses ${ACCOUNT}: its client id or client secret is wrong, expired or deleted.`,
    remedy:
      'Check MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET, or create a new one in Atlas under Identity & Access, Applications, Service Accounts.',
  },
  {
    rule: 'a wrong private key',
    options: (atlas) => ({ credentials: { ...apiKeyOf(atlas), privateKey: 'wrong-private-key' } }),
    code: 'atlas-credentials-refused',
    text: 'Atlas refuses API key abcdefgh: its public or private key is wrong, expired or deleted.',
    remedy:
      'Check MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY, or create a new one in Atlas under Identity & Access, Applications, API Keys.',
  },
  {
    rule: 'a missing role',
    scenario: { roles: [] },
    code: 'atlas-role-missing',
    text: `Atlas does not let ${ACCOUNT} read ${LIST}: it lacks the role or belongs to another organization.`,
    remedy:
      'Give it the role Project Read Only (GROUP_READ_ONLY) in this project, in Atlas under Identity & Access, Applications, Service Accounts.',
  },
  {
    rule: 'a missing role of an API key, which is not a wrong key',
    scenario: { roles: [] },
    options: (atlas) => ({ credentials: apiKeyOf(atlas) }),
    code: 'atlas-role-missing',
    text: `Atlas does not let API key abcdefgh read ${LIST}: it lacks the role or belongs to another organization.`,
    remedy:
      'Give it the role Project Read Only (GROUP_READ_ONLY) in this project, in Atlas under Identity & Access, Applications, API Keys.',
  },
  {
    rule: 'our address not on the API access list',
    scenario: { apiAccessList: ['203.0.113.9'] },
    code: 'atlas-address-refused',
    text: `Atlas refuses requests from 127.0.0.1: it is not on the API access list of ${ACCOUNT}.`,
    remedy:
      "Add 127.0.0.1 in Atlas under Identity & Access, Applications, Service Accounts, mdb_sa_id_6540c2a5f1e2d3c4b5a69788, API Access List (which is not the project's IP access list).",
  },
  {
    rule: 'an unknown project, with the one that may be meant',
    scenario: { otherProjects: [{ id: '64b0c2a5f1e2d3c4b5a60000', name: 'stage' }] },
    options: () => ({ projectId: '64b0c2a5f1e2d3c4b5a69789' }),
    code: 'atlas-project-unknown',
    text: 'Atlas does not know this project: the processes of project 64b0c2a5f1e2d3c4b5a69789 cannot be read.',
    remedy:
      'Set MONGODB_ATLAS_PROJECT_ID to the 24 hex digits that Atlas shows under Project Settings. Did you mean shop (64b0c2a5f1e2d3c4b5a69788)?',
  },
  {
    rule: 'an unknown project like none, with those that there are',
    options: () => ({ projectId: 'ffffffffffffffffffffffff' }),
    code: 'atlas-project-unknown',
    text: 'Atlas does not know this project: the processes of project ffffffffffffffffffffffff cannot be read.',
    remedy:
      'Set MONGODB_ATLAS_PROJECT_ID to the 24 hex digits that Atlas shows under Project Settings. These credentials see shop (64b0c2a5f1e2d3c4b5a69788).',
  },
  {
    rule: 'an unknown cluster',
    fault: apiError(404, 'CLUSTER_NOT_FOUND', { parameters: ['prdo', '64b0c2a5f1e2d3c4b5a69788'] }),
    code: 'atlas-cluster-unknown',
    text: `Atlas knows no cluster prdo: ${LIST} cannot be read.`,
    remedy: 'Write the name as Atlas shows it under Clusters; upper and lower case count.',
  },
  {
    rule: 'something else that is not there',
    fault: apiError(404, 'RESOURCE_NOT_FOUND'),
    code: 'atlas-not-found',
    text: `HOST does not have ${LIST} (404 RESOURCE_NOT_FOUND).`,
    remedy: 'Check MONGODB_ATLAS_BASE_URL: it is the address of Atlas without /api.',
  },
  {
    rule: 'a version that is gone',
    fault: apiError(410, 'VERSION_GONE'),
    code: 'atlas-version-gone',
    text: `Atlas has withdrawn version 2025-03-12 of its API for ${LIST}.`,
    remedy: 'Update atlas-conns.',
  },
  {
    rule: 'a version that is not understood',
    fault: { kind: 'answer', status: 406 },
    code: 'atlas-version-refused',
    text: `HOST does not offer ${LIST} in version 2025-03-12 of the Admin API (406).`,
    remedy:
      'Check that MONGODB_ATLAS_BASE_URL is Atlas, or a proxy that passes the Accept header on; else update atlas-conns.',
  },
  {
    rule: 'a rate limit that lasts',
    fault: rateLimited(1),
    code: 'atlas-rate-limited',
    text: `Atlas rate-limits requests for ${LIST} (tried 5 times) and asks to wait 1 s.`,
    remedy: 'Wait a minute and try again, or read less often; other tools on the same project share its limit.',
  },
  {
    rule: 'a server error that lasts',
    fault: apiError(503, 'SERVICE_UNAVAILABLE'),
    code: 'atlas-server-error',
    text: `Atlas failed to return ${LIST}: 503 SERVICE_UNAVAILABLE, tried 5 times.`,
    remedy: 'Try again in a few minutes; https://status.mongodb.com shows the state of Atlas.',
  },
  {
    rule: 'a redirect, which is not followed',
    fault: { kind: 'answer', status: 302, headers: { location: '/api/atlas/v2/groups' } },
    code: 'atlas-redirected',
    text: `HOST answered with a redirect (302) instead of ${LIST}.`,
    remedy: 'Check MONGODB_ATLAS_BASE_URL: Atlas does not redirect, a proxy or a login page does.',
  },
  {
    rule: 'any other refusal',
    fault: apiError(400, 'INVALID_ATTRIBUTE'),
    code: 'atlas-refused',
    text: `Atlas refused to return ${LIST} (400 INVALID_ATTRIBUTE).`,
    remedy: `Check in Atlas what ${ACCOUNT} may do under Identity & Access, Applications, Service Accounts; else update atlas-conns.`,
  },
  {
    rule: 'an answer that is not JSON',
    fault: { kind: 'answer', status: 200, body: '<html>Sign in</html>', headers: { 'content-type': 'text/html' } },
    code: 'atlas-answer-not-json',
    text: `HOST answered the request for ${LIST} with something that is not JSON (text/html).`,
    remedy: 'Check MONGODB_ATLAS_BASE_URL: a proxy or a login page may be between this machine and Atlas.',
  },
  {
    rule: 'an answer of another shape',
    fault: { kind: 'answer', status: 200, body: { items: [] } },
    code: 'atlas-field-missing',
    text: 'The answer from Atlas lacks results in the processes.',
    remedy: 'Atlas may have changed its API: update atlas-conns. Otherwise check MONGODB_ATLAS_BASE_URL.',
  },
  {
    rule: 'a connection that is cut each time',
    fault: { kind: 'drop' },
    code: 'atlas-unreachable',
    text: 'HOST closed the connection before it had answered.',
    remedy: 'Check MONGODB_ATLAS_BASE_URL, and that this machine may reach HOST (name server, firewall, proxy).',
  },
  {
    rule: 'a port where nobody listens',
    options: () => ({ baseUrl: 'http://127.0.0.1:1' }),
    code: 'atlas-unreachable',
    text: '127.0.0.1:1 refused the connection.',
    remedy: 'Check MONGODB_ATLAS_BASE_URL, and that this machine may reach 127.0.0.1:1 (name server, firewall, proxy).',
  },
  {
    rule: 'a server that does not speak TLS',
    options: (atlas) => ({ baseUrl: atlas.url.replace('http:', 'https:') }),
    code: 'atlas-tls',
    text: expect.stringMatching(/^HOST does not speak TLS as expected \(\w+\)\.$/),
    remedy: 'Check MONGODB_ATLAS_BASE_URL, and that this machine may reach HOST (name server, firewall, proxy).',
  },
  {
    rule: 'a name that does not exist',
    options: () => ({ baseUrl: 'https://atlas.invalid' }),
    code: 'atlas-unreachable',
    text: expect.stringMatching(/^The name of atlas\.invalid could not be resolved/),
    remedy:
      'Check MONGODB_ATLAS_BASE_URL, and that this machine may reach atlas.invalid (name server, firewall, proxy).',
  },
];

test.each(CASES)('$rule', async ({ scenario, fault, options, code, text, remedy }) => {
  const { atlas, open } = await bench(scenario);
  if (fault !== undefined) atlas.faults.add(PROCESSES, fault);
  const problem = await problemOf(open(options?.(atlas)).processes(NEVER));
  const host = new URL(atlas.url).host;
  const told = { ...problem, text: problem.text.replace(host, 'HOST'), remedy: problem.remedy.replace(host, 'HOST') };
  expect(told).toEqual({ code, text, remedy });
});

test('an untrusted certificate fails at once, without a retry', async () => {
  const server = createServer(SELF_SIGNED).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const baseUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { open, waits } = await bench();
  const { code, text, remedy } = await problemOf(open({ baseUrl }).processes(NEVER));
  expect(code).toBe('atlas-certificate');
  expect(text).toMatch(/^The certificate of 127\.0\.0\.1:\d+ cannot be trusted \(\w+\)\.$/);
  expect(remedy).toContain('NODE_EXTRA_CA_CERTS');
  expect(waits).toEqual([]);
});

test('a token answer without a token names the field', async () => {
  const { atlas, open } = await bench();
  atlas.faults.add(/oauth/, { kind: 'answer', status: 200, body: { expires_in: 3_600 } });
  expect((await problemOf(open().processes(NEVER))).text).toBe(
    'The answer from Atlas lacks access_token in the token.',
  );
});

test('a failed list of projects leaves the first failure as it was', async () => {
  const { atlas, open } = await bench();
  atlas.faults.add(/groups\?/, apiError(403, 'SOME_CODE'));
  const { code, remedy } = await problemOf(open({ projectId: 'ffffffffffffffffffffffff' }).accessList(NEVER));
  expect([code, remedy]).toEqual(['atlas-project-unknown', expect.stringMatching(/under Project Settings\.$/)]);
  expect(targetsOf(atlas, /groups\?/)).toHaveLength(1);
});
