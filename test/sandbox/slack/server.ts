// A stand-in for Slack on loopback: it takes from the app what Slack takes, and refuses what Slack refuses.

import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Acts, createActs } from './acts.ts';
import type { World } from './answer.ts';
import { createDispatch } from './delivery.ts';
import { countdown, createFaults, createScript, type SlackFaults } from './faults.ts';
import { createHttpDelivery } from './http-delivery.ts';
import { CHANNELS, PEOPLE } from './people.ts';
import { createResponseUrls } from './response-url.ts';
import { DEFAULT_SCOPES } from './scopes.ts';
import { createScreen, type Screen } from './screen.ts';
import { createSocketMode, type SocketMode } from './socket.ts';
import type { Call, Channel, Person, SlackStandIn } from './stand-in.ts';
import { createTriggers } from './triggers.ts';
import { createWebApi, type Tokens } from './web-api.ts';
import { BOT, createWorkspace, type UploadedFile, type UserGroup, type Workspace } from './workspace.ts';

export interface SlackOptions {
  /** A free one unless told. */
  readonly port?: number;
  readonly people?: readonly Person[];
  readonly channels?: readonly Channel[];
  readonly groups?: readonly UserGroup[];
  /** Of the bot token; all that the stand-in knows unless told. */
  readonly scopes?: readonly string[];
  /** Answers whatever is not the app's: everything outside /api, /respond and /upload. */
  readonly page?: (standIn: SlackStandIn & SlackControls) => RequestListener;
  readonly deliver?: { readonly kind: 'socket' } | { readonly kind: 'http'; readonly url: string };
  readonly command?: string;
  /** Of triggers, response URLs, signatures and `ts`; the system's clock unless told. */
  readonly now?: () => Date;
  /** Of `ts` alone, where the time that people see is another. */
  readonly posted?: () => Date;
  /** How long an acknowledgement may take, and a trigger lives; 3,000 unless told, as in Slack. */
  readonly ackMs?: number;
  /** Waits before an unacknowledged event is sent again; at once, a minute, five minutes unless told. */
  readonly retryMs?: readonly number[];
}

/** What tests may do beside what a person does. */
export interface SlackControls
  extends Pick<Screen, 'addGroup' | 'archive' | 'botIn' | 'remove' | 'modal' | 'closeModal' | 'until'>,
    Pick<Acts, 'submit'> {
  readonly faults: SlackFaults;
  readonly files: readonly UploadedFile[];
  /** What the bot token may do from now on. */
  setScopes(scopes: readonly string[]): void;
  /** Socket Mode connections that take deliveries. */
  connections(): number;
  /** Ids of envelopes that the app acknowledged by Socket Mode, in this order. */
  readonly acknowledged: readonly string[];
  /** Where the app listens, for deliveries by HTTP. */
  deliverTo(url: string): void;
  /** Whether the app answers Slack's url_verification. */
  verifyUrl(): Promise<boolean>;
}

/** For `ackMs`: a bot in a test may be slow, because no test depends on speed. It only ends what hangs. */
export const PATIENT_MS = 60_000;

export async function startSlack(options: SlackOptions = {}): Promise<SlackStandIn & SlackControls> {
  const { now = () => new Date(), ackMs = 3000, retryMs = [0, 60_000, 300_000], command = '/atlas-conns' } = options;
  const workspace = openWorkspace(options, now);
  const tokens: Tokens = { bot: 'xoxb-stand-in-bot', app: 'xapp-stand-in-app', revoked: null };
  const signingSecret = 'stand-in-signing-secret';
  const script = createScript();
  const twice = countdown();
  const forged = { signature: countdown(), timestamp: countdown() };
  const ending = new AbortController();
  const calls: Call[] = [];
  const rights = { scopes: new Set(options.scopes ?? DEFAULT_SCOPES) };

  const server = createServer((request, response) => {
    api.serve(request, response).then(
      (isServed) => {
        if (!isServed) page(request, response);
      },
      // Ends here only when the app or the stand-in itself goes away in the middle of a request.
      () => request.socket.destroy(),
    );
  });
  const url = await listen(server, options.port ?? 0);
  const sockets = createSocketMode(workspace, ackMs);
  server.on('upgrade', (request, socket, head) => sockets.upgrade(request, socket, head));

  const world: World = {
    workspace,
    rights,
    triggers: createTriggers(now, ackMs),
    url,
    openSocket: () => sockets.open(url),
  };
  const responseUrls = createResponseUrls(workspace);
  const api = createWebApi({ world, tokens, script, responseUrls, calls, ending: ending.signal });
  const http = createHttpDelivery({
    url: options.deliver?.kind === 'http' ? options.deliver.url : null,
    signingSecret,
    ackMs,
    now,
    forgery: () => (forged.signature.take() ? 'signature' : forged.timestamp.take() ? 'timestamp' : null),
  });
  const dispatch = createDispatch({ courier: () => (http.url === null ? sockets : http), twice, retryMs });
  const away = () => stopListening(server, sockets);

  const standIn: SlackStandIn & SlackControls = {
    url,
    apiUrl: `${url}/api/`,
    botToken: tokens.bot,
    appToken: tokens.app,
    signingSecret,
    botUser: BOT.user,
    calls,
    faults: createFaults({
      ...{ script, twice, forged, tokens, api, sockets, away },
      back: async () => void (await listen(server, Number(new URL(url).port))),
    }),
    ...createActs({ world, dispatch, responseUrls, command }),
    ...createScreen(workspace),
    get people() {
      return [...workspace.people.values()];
    },
    get channels() {
      return [...workspace.channels.values()];
    },
    get files() {
      return [...workspace.files.values()];
    },
    setScopes(given) {
      rights.scopes = new Set(given);
    },
    connections: () => sockets.connected(),
    acknowledged: sockets.acknowledged,
    deliverTo(to) {
      http.url = to;
    },
    verifyUrl: () => http.verify(),
    async close() {
      ending.abort();
      dispatch.close();
      await sockets.close();
      if (server.listening) await away();
    },
  };
  const page: RequestListener = options.page?.(standIn) ?? ((_request, response) => response.writeHead(404).end());
  return standIn;
}

function openWorkspace(options: SlackOptions, now: () => Date): Workspace {
  const workspace = createWorkspace(now, options.posted ?? now);
  for (const person of options.people ?? PEOPLE) workspace.people.set(person.id, person);
  for (const channel of options.channels ?? CHANNELS) workspace.channels.set(channel.id, channel);
  for (const group of options.groups ?? []) workspace.groups.set(group.id, group);
  return workspace;
}

async function listen(server: Server, port: number): Promise<string> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function stopListening(server: Server, sockets: SocketMode): Promise<void> {
  sockets.drop();
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
