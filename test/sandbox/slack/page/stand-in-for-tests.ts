// A stand-in Slack that only remembers, with the page on it: for tests of the page alone.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Channel, Delivery, HomeTab, Message, Person, Press, SlackStandIn } from '../stand-in.ts';
import { type PageOptions, slackPage } from './page.ts';

export interface Remembered extends SlackStandIn {
  /** What the page asked for, in order. */
  readonly asked: readonly (readonly [kind: string, what: unknown])[];
  /** Adds a message, or replaces the one with the same ts. */
  put(message: Partial<Message>): Message;
  putHome(user: string, blocks: HomeTab['blocks']): void;
  /** What the next deliveries come to. */
  answerWith(delivery: Delivery): void;
}

export const BOT = 'U0BOT';
const people: readonly Person[] = [
  { id: 'U1', name: 'Ann Miller' },
  { id: 'U2', name: 'Gus', guest: true },
  { id: 'U3', name: 'Fay', team: 'T2' },
];
const channels: readonly Channel[] = [
  { id: 'C1', name: 'db-help', kind: 'public', members: ['U1', 'U2', BOT] },
  { id: 'C2', name: 'partners', kind: 'private', shared: true, members: ['U1', 'U3', BOT] },
  { id: 'D1', name: 'atlas-conns', kind: 'direct', members: ['U1', BOT] },
];

export async function startRemembered(options: PageOptions = {}): Promise<Remembered> {
  const server = createServer((request, response) => listener(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an address of this shape.
  const { port } = server.address() as AddressInfo;
  const standIn = remembered(`http://127.0.0.1:${port}`, async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const listener = slackPage(standIn, options);
  return standIn;
}

function remembered(url: string, close: () => Promise<void>): Remembered {
  const asked: (readonly [string, unknown])[] = [];
  const messages: Message[] = [];
  const homes = new Map<string, HomeTab>();
  const listeners = new Set<() => void>();
  let delivery: Delivery = { acknowledged: true, tookMs: 1 };
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const ask = async (kind: string, what: unknown) => {
    asked.push([kind, what]);
    return delivery;
  };
  return {
    ...{ url, apiUrl: `${url}/api/`, botToken: '', appToken: '', signingSecret: '', botUser: BOT },
    ...{ people, channels, calls: [], asked, close },
    addPerson: () => {},
    addChannel: () => {},
    command: (input) => ask('command', input),
    press: (press: Press) => ask('press', press),
    openHome: (user) => ask('home', user),
    say: async (input) => {
      put({ user: input.user, channel: input.channel, text: input.text, threadTs: input.threadTs ?? null });
      return ask('say', input);
    },
    messages: (channel, asSeenBy) =>
      messages.filter((one) => one.channel === channel && (one.ephemeralTo === null || one.ephemeralTo === asSeenBy)),
    home: (user) => homes.get(user) ?? null,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    put,
    putHome(user, blocks) {
      homes.set(user, { blocks, version: (homes.get(user)?.version ?? 0) + 1 });
      changed();
    },
    answerWith(next) {
      delivery = next;
    },
  };

  function put(message: Partial<Message>): Message {
    const ts = message.ts ?? `${1_700_000_000 + messages.length * 60}.000100`;
    const whole = {
      channel: 'C1',
      user: BOT,
      text: '',
      blocks: [],
      ephemeralTo: null,
      threadTs: null,
      edits: 0,
      ...message,
      ts,
    };
    const at = messages.findIndex((one) => one.ts === ts);
    if (at < 0) messages.push(whole);
    else messages[at] = whole;
    changed();
    return whole;
  }
}
