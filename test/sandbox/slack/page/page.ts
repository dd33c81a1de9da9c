// The web page of the stand-in Slack: rendered here, kept fresh by server-sent events.

import { readFile } from 'node:fs/promises';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { renderToStaticMarkup } from 'react-dom/server';
import type { Modals, SlackStandIn } from '../stand-in.ts';
import { type Act, act } from './act.ts';
import { type Layout, logOf, page, SCRIPTS, STYLES } from './layout.ts';
import { homeView, messageLog } from './message.ts';
import { modalView } from './modal.ts';
import { type Names, namesOf } from './names.ts';
import { type Place, placeOf } from './place.ts';
import { bodyOf, headers, json, type Reply, refusalOf, send } from './reply.ts';

/** A button of the sidebar that makes something happen in the demo. */
export interface Control {
  readonly id: string;
  readonly label: string;
  /** What comes of it, where, and when. */
  readonly expect: string;
  run(): Promise<void>;
}

export interface PageOptions {
  readonly controls?: readonly Control[];
  /** The slash command's name; default `/atlas-conns`. */
  readonly command?: string;
  /** Default `atlas-conns`. */
  readonly botName?: string;
  /** Where time is simulated: `speed` is simulated seconds in a real one. */
  readonly clock?: { now(): Date; speed(): number };
}

/** What the page shows: modals only where the stand-in has them. */
export type PageStandIn = SlackStandIn & Partial<Modals>;

const ASSETS = [...STYLES, ...SCRIPTS];
const ACTS: readonly Act[] = ['command', 'say', 'press', 'home', 'control', 'submit', 'close'];

/** Answers every path that is not Slack's own API; loopback only. */
export function slackPage(standIn: PageStandIn, options: PageOptions = {}): RequestListener {
  return (request, response) => {
    answer({ standIn, options, request, response }).catch((error: unknown) => {
      const note = error instanceof Error ? error.message : String(error);
      if (response.headersSent) response.destroy();
      else send(response, json(500, { ok: false, note: `The stand-in Slack: ${note}` }));
    });
  };
}

async function answer(input: {
  standIn: PageStandIn;
  options: PageOptions;
  request: IncomingMessage;
  response: ServerResponse;
}): Promise<void> {
  const { standIn, options, request, response } = input;
  const refusal = refusalOf(request);
  if (refusal !== null) return send(response, { status: 403, type: 'text/plain', body: refusal });
  const url = new URL(request.url ?? '/', standIn.url);
  const asset = ASSETS.find((name) => url.pathname === `/${name}`);
  const wanted = ACTS.find((name) => url.pathname === `/${name}`);
  if (request.method === 'POST' && wanted) {
    const { controls = [], botName = 'atlas-conns' } = options;
    return send(response, await act({ standIn, controls, botName, act: wanted, body: await bodyOf(request) }));
  }
  if (request.method !== 'GET') return send(response, { status: 405, type: 'text/plain', body: 'GET only' });
  if (asset) return send(response, await fileOf(asset));
  if (url.pathname === '/events') return events(standIn, response);
  if (url.pathname === '/clock') return send(response, json(200, timeOf(options)));
  send(response, document({ standIn, options, url }));
}

async function fileOf(asset: string): Promise<Reply> {
  const body = await readFile(new URL(`browser/${asset}`, import.meta.url), 'utf8');
  return { status: 200, type: asset.endsWith('.css') ? 'text/css' : 'text/javascript', body };
}

function document({ standIn, options, url }: { standIn: PageStandIn; options: PageOptions; url: URL }): Reply {
  if (url.pathname !== '/' && url.pathname !== '/fragment')
    return { status: 404, type: 'text/plain', body: 'Not here' };
  const place = placeOf(standIn, url.searchParams);
  if (place === null) return { status: 404, type: 'text/plain', body: 'Nobody is in this Slack yet.' };
  const { controls = [], command = '/atlas-conns', botName = 'atlas-conns' } = options;
  const layout = { place, people: standIn.people, controls, command, botName, hasClock: options.clock !== undefined };
  const log = logIn({ standIn, place, layout, names: namesIn(standIn, options) });
  if (url.pathname === '/fragment') {
    const modal = modalView(standIn.modal?.(place.person.id) ?? null, namesIn(standIn, options));
    return { status: 200, type: 'text/html', body: `${renderToStaticMarkup(log)}${renderToStaticMarkup(modal)}` };
  }
  return { status: 200, type: 'text/html', body: `<!doctype html>${renderToStaticMarkup(page(layout, log))}` };
}

function namesIn(standIn: PageStandIn, { botName = 'atlas-conns', clock }: PageOptions): Names {
  return namesOf(standIn, { bot: { id: standIn.botUser, name: botName }, now: clock?.now() ?? new Date() });
}

/** As the page shows it; of no use without a clock. */
function timeOf({ clock }: PageOptions): object {
  if (clock === undefined) return {};
  const time = clock.now().toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  const day = clock.now().toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short' });
  return { text: `${day} ${time}`, speed: clock.speed() };
}

function logIn(input: { standIn: PageStandIn; place: Place; layout: Layout; names: Names }) {
  const { standIn, place, layout, names } = input;
  const { channel, person } = place;
  const entries =
    channel === null
      ? [homeView(standIn.home(person.id), names)]
      : messageLog(standIn.messages(channel.id, person.id), names);
  return logOf(place, entries, layout);
}

/** Says only that something changed: the browser asks again for what it shows. */
function events(standIn: PageStandIn, response: ServerResponse): void {
  response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' });
  response.write('retry: 500\n\n');
  const stop = standIn.onChange(() => response.write('event: change\ndata:\n\n'));
  response.on('close', stop);
}
