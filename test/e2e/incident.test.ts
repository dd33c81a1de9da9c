// The scripted incident in the real bot: what the channel saw, from the deploy that leaks to the roll-back. Judged by the
// record alone, in simulated time: also where Slack refuses, where the bot dies in the middle, and where two bots share
// the work.

import { expect, test, vi } from 'vitest';
import { MINUTE, SECOND } from '../../src/core/base/duration.ts';
import { realSet } from '../cluster/real.ts';
import type { Stage } from '../sandbox/demo/stage.ts';
import { fullNodeIncident } from '../sandbox/scenario/full-node.ts';
import { contradictionsIn } from '../slack/views/contradiction.ts';
import { drawn } from '../slack/views/drawn.ts';
import {
  checkedAt,
  isMessage,
  isOfSource,
  playIncident,
  printed,
  type Said,
  type Story,
  timeAfter,
} from './incident-story.ts';

// A play takes as long as it takes, and a slow machine longer to begin it.
vi.setConfig({ testTimeout: 30 * MINUTE });

const { culprit, victims, nodes, reaches } = fullNodeIncident.facts;
const before = `shard-00-0${nodes.before}`;
const after = `shard-00-0${nodes.after}`;

const titleOf = ({ text }: Said) => text.split('\n')[0] ?? '';
const isCalm = (said: Said) => /^(Recovering|Resolved)/.test(titleOf(said));

/** When the reading behind its likely cause was taken. */
const readAt = ({ text }: Said) => timeAfter(/Likely cause \(as read at /, text);

const READING = 5 * MINUTE;
/** A look a minute, and at most an edit a minute: what a look finds too early waits for the next one. */
const LOOK = 2 * MINUTE;
/** From a look to Slack. */
const DELIVERY = MINUTE;

/** Versions of the message in which the story is told, in order. */
const versionsIn = ({ said }: Story) => said.filter(isMessage);

function pairsOf(versions: readonly Said[]): readonly (readonly [Said, Said])[] {
  return versions.slice(1).map((version, index) => [versions[index] ?? version, version]);
}

/** A time in which nobody can ask for a fresh message. */
interface Away {
  readonly from: number;
  readonly to: number;
}

/** Every figure is as fresh as the rule says. */
function staleIn(story: Story, away: readonly Away[]): readonly string[] {
  const versions = versionsIn(story);
  const isAway = (from: number, to: number) => away.some((one) => one.from < to && from < one.to);
  const gaps = pairsOf(versions).flatMap(([last, next]) => {
    const gap = checkedAt(next) - checkedAt(last);
    const allowed = isOfSource(last) ? READING + DELIVERY : LOOK;
    if (gap <= allowed || isAway(checkedAt(last), next.at)) return [];
    return [`minute ${next.minute.toFixed(1)}: nothing was newer for ${gap / SECOND} s`];
  });
  const deliveries = versions.flatMap((one) => {
    const took = one.at - checkedAt(one);
    if (took <= DELIVERY || isAway(checkedAt(one), one.at)) return [];
    return [`minute ${one.minute.toFixed(1)}: ${took / SECOND} s from the look to Slack`];
  });
  const readings = versions.flatMap((one) => {
    const age = one.at - (readAt(one) ?? one.at);
    const isFresh = age <= READING + LOOK + DELIVERY;
    return isFresh || isCalm(one) || isAway(one.at - age, one.at) ? [] : [`${one.minute.toFixed(1)}: read ${age} ago`];
  });
  return [...gaps, ...deliveries, ...readings];
}

/** Edits within a minute that show nothing new. */
function doubledIn(story: Story): readonly string[] {
  const figures = ({ text }: Said) =>
    (text.split('Likely cause')[0] ?? '')
      .replaceAll(/<!date[^>]*>/g, '')
      .match(/\d[\d,]*/g)
      ?.map((one) => Number(one.replaceAll(',', ''))) ?? [];
  const words = ({ text }: Said) => text.replaceAll(/<!date[^>]*>|\d[\d,.]*/g, '');
  return pairsOf(versionsIn(story)).flatMap(([last, next]) => {
    const [old, now] = [figures(last), figures(next)];
    const hasMoved = now.some((figure, index) => Math.abs(figure - (old[index] ?? 0)) >= figure / 10 && figure > 0);
    const isNews = hasMoved || words(last) !== words(next) || readAt(last) !== readAt(next);
    const apart = checkedAt(next) - checkedAt(last);
    // An edit under way shows the newest figures, and so does the one that waits behind it.
    return isNews || apart === 0 || apart >= MINUTE / 2
      ? []
      : [`minute ${next.minute.toFixed(1)}: again after ${apart / SECOND} s`];
  });
}

/** The lines of the thread, each with how often it is there. */
function threadOf({ said }: Story): Readonly<Record<string, number>> {
  const replies = said.filter((one) => !isMessage(one)).map(titleOf);
  const lines: Readonly<Record<string, RegExp>> = {
    full: new RegExp(`^Critical — ${before} is (at|full)`),
    refuses: new RegExp(`^Critical — ${before} refuses connections`),
    source: new RegExp(`^(Warning|Critical) — ${culprit.source}: `),
    'next full': new RegExp(`^Critical — ${after} is (at|full)`),
    'next refuses': new RegExp(`^Critical — ${after} refuses connections`),
    over: new RegExp(`^${before}: resolved after .* peak`),
    'no more refused': new RegExp(`^${before}: resolved after .* refused$`),
    'next over': new RegExp(`^${after}: resolved after .* peak`),
    'next no more refused': new RegExp(`^${after}: resolved after .* refused$`),
    'source over': new RegExp(`^${culprit.source}: resolved after `),
  };
  const counted = Object.entries(lines).map(([name, line]) => [name, replies.filter((one) => line.test(one)).length]);
  const others = replies.filter((one) => !Object.values(lines).some((line) => line.test(one)));
  return { ...Object.fromEntries(counted), ...Object.fromEntries(others.map((one) => [one, 1])) };
}

const ONCE = {
  ...{ refuses: 1, source: 1, 'next full': 1, 'next refuses': 1 },
  ...{ over: 1, 'no more refused': 1, 'next over': 1, 'next no more refused': 1, 'source over': 1 },
};

/** When the first version that says so was taken by Slack. */
function firstWith(story: Story, words: RegExp | ((said: Said) => boolean)): Said {
  const isIt = words instanceof RegExp ? ({ text }: Said) => words.test(text) : words;
  const found = versionsIn(story).find(isIt);
  if (found === undefined) throw new Error(`no message says ${words}`);
  return found;
}

/** What holds in every play. */
function judge(story: Story, away: readonly Away[] = []): void {
  const { said, began } = story;
  console.log(printed(story));
  const versions = versionsIn(story);
  const [first] = versions;
  const last = versions.at(-1);
  if (first === undefined || last === undefined) throw new Error('the channel is empty');
  const minuteOf = (at: number) => (at - began) / MINUTE;

  // One story: messages, their order, and a short line in the thread for each event.
  const posts = said.filter(({ kind }) => kind === 'post');
  expect(posts.length).toBeLessThanOrEqual(2);
  expect(titleOf(first)).toMatch(new RegExp(`^(Warning|Critical) — ${before} is `));
  const states = versions.map((one) => titleOf(one).split(' ')[0]);
  const told = states.filter((state, index) => state !== states[index - 1]);
  expect(told.join(' ')).toMatch(/^(Warning )?Critical (Warning )?(Recovering )?Resolved$/);
  const { full = 0, ...thread } = threadOf(story);
  expect(thread).toEqual(ONCE);
  // It may be critical when it is posted.
  expect(full).toBeGreaterThanOrEqual(titleOf(first).startsWith('Critical') ? 0 : 1);
  expect(full).toBeLessThanOrEqual(1);
  for (const { text, kind } of said.filter((one) => !isMessage(one))) {
    expect(text.length).toBeLessThan(200);
    expect(kind, text).toBe(text.startsWith('Critical') ? 'loud reply' : 'reply');
  }

  // True to itself, and fresh.
  expect(versions.flatMap((one) => contradictionsIn(one))).toEqual([]);
  expect(staleIn(story, away)).toEqual([]);
  expect(doubledIn(story)).toEqual([]);

  // Who did it, by a reading after the line was crossed, and from then on.
  const isRead = (one: Said) => minuteOf(readAt(one) ?? began) >= reaches.eighty;
  const named = firstWith(story, isRead);
  const allowed = away.reduce((sum, { from, to }) => sum + (to - from), 0) / MINUTE;
  expect(minuteOf(readAt(named) ?? 0)).toBeLessThanOrEqual(reaches.eighty + 5 + allowed);
  const causes = versions.slice(versions.indexOf(named)).map(({ text }) => /Likely cause.*/.exec(text)?.[0] ?? '');
  expect(causes.filter((cause) => !cause.includes(`app ${culprit.app}`))).toEqual([]);
  expect(named.text).toContain(`Likely cause (as read at`);
  expect(named.text).toContain(`${culprit.clients.leaking} MongoClients, usually ${culprit.clients.usual}.`);
  expect(named.text).toContain(`: ${culprit.source} +`);

  // Who is hurt, by the first reading of the full node, and to the end.
  const hurt = firstWith(story, /Shut out: /);
  expect(minuteOf(readAt(hurt) ?? 0)).toBeLessThanOrEqual(reaches.full + 5 + allowed);
  for (const { as } of victims) {
    const later = versions.slice(versions.indexOf(hurt));
    expect(
      later.filter(({ text }) => !new RegExp(`Shut out.*: ${as}(?::|, down to) \\d+, usually \\d+`).test(text)),
    ).toEqual([]);
  }

  // It is over, and all of it can be read.
  const page = drawn(last);
  expect(page).toMatch(/^🟢 \*\*Resolved — /);
  expect(page).toMatch(/All 5 alerts of this incident are resolved: .* to /);
  expect(page).toMatch(/It refused [\d,]+ connections from .* to /);
  expect(page).toMatch(/peak 3,000/);
  expect(page).toContain(`An election made ${after} the primary`);
  expect(page).toMatch(/^\*?\*?Fix:/m);
  expect(page).toMatch(/^chart: /m);
  for (const row of [
    `${before}, node-headroom`,
    `${before}, rejected`,
    `${after}, node-headroom`,
    `${after}, rejected`,
  ])
    expect(page).toMatch(new RegExp(`^${row} \\| .* min$`, 'm'));
  expect(page).toMatch(new RegExp(`^${culprit.source} \\| .* min$`, 'm'));
  expect(page).not.toContain('(Acknowledge');
  expect(said.filter((one) => isMessage(one) && one.ts === last.ts).at(-1)).toBe(last);
}

test('the channel tells one true story of a full node', async () => {
  const story = await playIncident();
  expect(story.refused).toEqual([]);
  judge(story);
});

test('where Slack takes nothing for minutes, the story is late and the same', async () => {
  const refuse = ({ slack }: Stage) => {
    for (const method of ['chat.postMessage', 'chat.update'])
      slack.faults.rateLimit(method, RETRY_AFTER / SECOND, Number.POSITIVE_INFINITY);
  };
  const take = ({ slack }: Stage) => slack.faults.clear();
  const story = await playIncident({ acts: { 6: refuse, 7.5: take, 9: refuse, 12: take } });
  expect(story.refused.length).toBeGreaterThan(2);
  // What only refreshes stays away for a minute longer.
  judge(
    story,
    story.refused.map((at) => ({ from: at, to: at + RETRY_AFTER + MINUTE })),
  );
});
const RETRY_AFTER = 30 * SECOND;

test('a bot that dies twice in the middle goes on with its story', async () => {
  const away: Away[] = [];
  let from = 0;
  const kill = async ({ bots, clock }: Stage) => {
    from = clock.now().getTime();
    for (const bot of bots()) await bot.kill();
  };
  const start = async ({ start: begin, clock }: Stage) => {
    await begin();
    away.push({ from, to: clock.now().getTime() + MINUTE });
  };
  const story = await playIncident({ acts: { 7: kill, 7.2: start, 32.5: kill, 33.5: start } });
  expect(story.refused).toEqual([]);
  judge(story, away);
});

test('two bots that share the work tell one story', async (context) => {
  const set = await realSet({ members: 1 });
  if ('reason' in set) return context.skip(set.reason);
  try {
    const store = set.uri('app').replace('/?', '/conns?');
    const story = await playIncident({ replicas: 2, store });
    expect(story.refused).toEqual([]);
    judge(story);
  } finally {
    await set.close();
  }
});
