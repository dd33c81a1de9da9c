// What answers where Slack should: a proxy's page, a captive portal, a connection that is cut short.

import type { ServerResponse } from 'node:http';

/** Of a page, so that tests can look for it where it must not be. */
export const PAGE_WORDS = 'Corporate Proxy: please sign in as jdoe';
const PAGE = `<!DOCTYPE html><html><head><title>${PAGE_WORDS}</title></head><body>${'<p>.</p>'.repeat(500)}</body></html>`;

interface Page {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** @param told what Slack would have said */
  readonly body: (told: string) => string | Buffer;
}

function page(status: number, type: string, body: Page['body'], headers: Page['headers'] = {}): Page {
  return { status, headers: { 'content-type': type, ...headers }, body };
}

const HTML = 'text/html; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

const PAGES = {
  html: page(200, HTML, () => PAGE),
  'html-as-json': page(200, JSON_TYPE, () => PAGE),
  'html-as-gzip': page(200, 'application/gzip', () => PAGE),
  cut: page(200, JSON_TYPE, (told) => told.slice(0, Math.floor(told.length / 2))),
  empty: page(200, JSON_TYPE, () => ''),
  null: page(200, JSON_TYPE, () => 'null'),
  array: page(200, JSON_TYPE, (told) => `[${told}]`),
  string: page(200, JSON_TYPE, () => JSON.stringify(PAGE_WORDS)),
  'without-ok': page(200, JSON_TYPE, () => '{"status":"up"}'),
  'ok-in-words': page(200, JSON_TYPE, () => '{"ok":"true"}'),
  'without-code': page(200, JSON_TYPE, () => '{"ok":false}'),
  'page-as-code': page(200, JSON_TYPE, () => JSON.stringify({ ok: false, error: PAGE })),
  'junk-gzip': page(200, JSON_TYPE, () => Buffer.from(PAGE), { 'content-encoding': 'gzip' }),
  portal: page(302, HTML, () => PAGE, { location: 'http://127.0.0.1:1/login' }),
  forbidden: page(403, HTML, () => PAGE),
  'proxy-sign-in': page(407, HTML, () => PAGE, { 'proxy-authenticate': 'Basic realm="proxy"' }),
  'bad-gateway': page(502, HTML, () => PAGE),
  'network-sign-in': page(511, HTML, () => PAGE),
} satisfies Readonly<Record<string, Page>>;

export type Stranger = keyof typeof PAGES;

export const STRANGERS = Object.keys(PAGES).filter((name): name is Stranger => name in PAGES);

export function sendAs(stranger: Stranger, response: ServerResponse, told: unknown): void {
  const { status, headers, body } = PAGES[stranger];
  response.writeHead(status, headers).end(body(JSON.stringify(told)));
}
