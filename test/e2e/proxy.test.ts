// A machine that reaches the world through a proxy alone: everything over HTTP and Socket Mode's WebSocket goes through it.

import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../sandbox/free-port.ts';
import { type StandInProject, startProject } from '../sandbox/project.ts';
import { type ProxyStandIn, startProxy } from '../sandbox/proxy.ts';
import { command } from '../slack/bot-fixture.ts';
import { openWorkplace } from './slack.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const ACCOUNT = { user: 'ops@corp', password: 'p@ss:w/rd%' };

async function proxy(account: typeof ACCOUNT | null = null): Promise<ProxyStandIn> {
  const started = await startProxy(account);
  onTestFinished(() => started.close());
  return started;
}

const hostOf = (url: string) => new URL(url).host;
const passed = ({ asked }: ProxyStandIn) =>
  new Set(asked.filter(({ status }) => status === 200).map(({ target }) => target));
/** What the environment of whoever runs the tests says of proxies. */
const NONE = Object.fromEntries(
  ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [
    [name, undefined],
    [name.toLowerCase(), undefined],
  ]),
);

let project: StandInProject;
let terminal: Terminal;
beforeAll(async () => {
  project = await startProject();
  terminal = await openTerminal(project.env);
});
afterAll(async () => {
  await terminal?.close();
  await project?.close();
});

test('the bot reaches Atlas, the Web API, response URLs and Socket Mode through a proxy with a password', async () => {
  const way = await proxy(ACCOUNT);
  const work = await openWorkplace({ env: { ...NONE, http_proxy: way.url } });
  onTestFinished(() => work.close());
  const [atlas, api] = [hostOf(work.project.atlas.url), hostOf(work.slack.apiUrl)];
  expect(passed(way)).toEqual(new Set([atlas, api]));
  const before = way.asked.length;
  // The command comes through the WebSocket and is answered at its response URL.
  expect((await command(work.slack, 'prod')).text).toMatch(/^prod — /);
  expect(new Set(way.asked.map(({ target }) => target))).toEqual(new Set([atlas, api]));
  expect(before).toBeGreaterThan(2);
  const log = work.bot().log.join('\n');
  for (const secret of [ACCOUNT.password, encodeURIComponent(ACCOUNT.password)]) expect(log).not.toContain(secret);
});

test.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy', 'Http_Proxy'])(
  'a report goes through %s, and the connections to MongoDB do not',
  async (name) => {
    const way = await proxy();
    const { code, err } = await terminal.type(['report', 'prod', '--json'], { [name]: way.url });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(passed(way)).toEqual(new Set([hostOf(project.atlas.url)]));
  },
);

test('NO_PROXY names what is reached without it', async () => {
  const way = await proxy();
  for (const except of ['127.0.0.1', '*', `example.com, ${hostOf(project.atlas.url)}`]) {
    const { code } = await terminal.type(['report', 'prod', '--json'], { HTTP_PROXY: way.url, no_proxy: except });
    expect(code).toBe(0);
  }
  expect(way.asked).toEqual([]);
});

test.each([
  [
    { status: 407, body: '<html>hunter2</html>' },
    'requires a user and a password, or rejects those that are set (407).',
    'Set them in HTTP_PROXY',
  ],
  [{ status: 502, body: '<html>hunter2</html>' }, 'did not connect to', 'NO_PROXY'],
  [{ status: 403 }, 'did not connect to', 'NO_PROXY'],
])('a proxy that refuses is named with its setting, and its password never: %o', async (refusal, text, remedy) => {
  const way = await proxy(ACCOUNT);
  way.refuse(refusal);
  const { code, out, err } = await terminal.type(['report', 'prod'], { HTTP_PROXY: way.url });
  const said = `${out}${err}`.replaceAll(/\s+/g, ' ');
  expect(code).toBe(1);
  expect(said).toContain(`The proxy of HTTP_PROXY (127.0.0.1:${way.port}) ${text}`);
  expect(said).toContain(remedy);
  expect(said).not.toMatch(/hunter2|p@ss|p%40ss/);
});

test('a proxy that is not there is named with its setting, by check for Slack too', async () => {
  const port = await freePort();
  const env = { HTTP_PROXY: `http://ops:hunter22@127.0.0.1:${port}` };
  const tokens = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' };
  const slack = { ...tokens, SLACK_API_URL: `${project.atlas.url}/api/` };
  const { code, out, err } = await terminal.type(['check'], { ...env, ...slack });
  const said = `${out}${err}`.replaceAll(/\s+/g, ' ');
  expect(code).toBe(1);
  const sentence = `The proxy of HTTP_PROXY (127.0.0.1:${port}) cannot be reached (ECONNREFUSED).`;
  expect(said).toMatch(new RegExp(`failed Atlas.*${sentence.replaceAll(/[().]/g, '\\$&')}`));
  expect(said).toMatch(new RegExp(`failed Slack: the bot token.*${sentence.replaceAll(/[().]/g, '\\$&')}`));
  expect(said).not.toContain('hunter22');
});

test.each([
  'socks5://127.0.0.1:1080',
  'ftp://proxy:21',
  'http://ops:hunter22@',
  'http://ops:p/ss@proxy:3128',
  'http://ops:p%@proxy:3128',
  'http://proxy:99999',
])('%s is a wrong setting, named without its value', async (value) => {
  const { code, out, err } = await terminal.type(['report', 'prod'], { HTTPS_PROXY: value });
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(
    /^HTTPS_PROXY is not the address of a proxy that atlas-conns can use\. Expected http:\/\/host:port/,
  );
  expect(err).not.toContain(value);
});

test('files are read whatever the proxy is', async () => {
  const dump = new URL('../fixtures/found/dumps/base-dump.json', import.meta.url).pathname;
  const { code, err } = await terminal.type(['report', '--from', dump], { HTTPS_PROXY: 'socks5://x' });
  expect({ code, err }).toEqual({ code: 0, err: '' });
});
