// manifest.yml held against the code: each scope is needed by something that the bot does, and nothing more is asked.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { COMMANDS } from '../../src/core/commands/commands.ts';
import { DEFAULT_SCOPES } from '../sandbox/slack/scopes.ts';

const root = new URL('../../', import.meta.url).pathname;
const manifest = parse(readFileSync(join(root, 'manifest.yml'), 'utf8'));
const code = readdirSync(join(root, 'src/slack'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join(root, 'src/slack', file), 'utf8'))
  .join('\n');

/** Bot scopes by what needs them (docs.slack.dev/reference/methods and /events); none for methods that need none. */
const METHOD_SCOPES: Readonly<Record<string, readonly string[]>> = {
  'auth.test': [],
  'chat.postMessage': ['chat:write'],
  'chat.postEphemeral': ['chat:write'],
  'chat.update': ['chat:write'],
  'chat.delete': ['chat:write'],
  'chat.getPermalink': [],
  'views.publish': [],
  'views.open': [],
  'views.update': [],
  'users.info': ['users:read'],
  'conversations.info': ['channels:read', 'groups:read'],
  'conversations.history': ['channels:history', 'groups:history'],
  'conversations.replies': ['channels:history', 'groups:history'],
  'usergroups.users.list': ['usergroups:read'],
  'usergroups.list': ['usergroups:read'],
};
const EVENT_SCOPES: Readonly<Record<string, readonly string[]>> = {
  app_home_opened: [],
  app_mention: ['app_mentions:read'],
  'message.im': ['im:history'],
};

const { bot, bot_optional: optional } = manifest.oauth_config.scopes;
const asked: readonly string[] = [...bot, ...optional];
const methods = new Set(
  [...code.matchAll(/\b(?:client|web|api)\.([a-z]+(?:\.[a-zA-Z]+)+)\(/g)].map(([, name]) => name ?? ''),
);
const events: readonly string[] = manifest.settings.event_subscriptions.bot_events;

test('every method that the bot calls is known to this test, and there are some', () => {
  expect(methods.size).toBeGreaterThan(4);
  expect([...methods].filter((method) => !(method in METHOD_SCOPES))).toEqual([]);
});

test('the scopes are those that the methods, the events and the command need, and no more', () => {
  const needed = new Set([
    'commands',
    ...[...methods].flatMap((method) => METHOD_SCOPES[method] ?? []),
    ...events.flatMap((event) => EVENT_SCOPES[event] ?? []),
  ]);
  expect(asked.toSorted()).toEqual([...needed].toSorted());
  expect(new Set(asked).size).toBe(asked.length);
});

test('every event has a listener, and every listener its event', () => {
  const listened = [...code.matchAll(/\.event\(\s*'([a-z_]+)'/g)].map(([, name]) => name ?? '');
  const names = events.map((event) => event.replace(/^message\..*/, 'message'));
  expect([...new Set(listened)].toSorted()).toEqual([...new Set(names)].toSorted());
});

test('the command is the default one, its hint names every command, and every text fits Slack’s limits', () => {
  const [command] = manifest.features.slash_commands;
  expect(command.command).toBe('/atlas-conns');
  for (const name of Object.keys(COMMANDS)) {
    if (name !== 'report') expect(command.usage_hint).toContain(name);
  }
  expect(command.usage_hint.length).toBeLessThanOrEqual(1_000);
  const { name, description, long_description: long } = manifest.display_information;
  expect(name.length).toBeLessThanOrEqual(35);
  expect(description.length).toBeLessThanOrEqual(140);
  expect(long.length).toBeGreaterThanOrEqual(175);
  expect(long.length).toBeLessThanOrEqual(4_000);
  expect(manifest.features.bot_user.display_name.length).toBeLessThanOrEqual(80);
});

test('Socket Mode and interactivity are on, and commands come with escaped mentions', () => {
  expect(manifest.settings).toMatchObject({ socket_mode_enabled: true, interactivity: { is_enabled: true } });
  expect(manifest.features.slash_commands[0].should_escape).toBe(true);
});

test('the stand-in Slack grants what the manifest asks for, and no more', () => {
  const { bot, bot_optional: optional } = manifest.oauth_config.scopes;
  expect(DEFAULT_SCOPES.toSorted()).toEqual([...bot, ...optional].toSorted());
});
