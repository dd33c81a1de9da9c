// People at work in Slack: one after another they type a command or press a button, and each waits for the answer.

import type { Message, SlackStandIn } from '../sandbox/slack/stand-in.ts';

export interface People {
  readonly told: Told;
  /** One act, to its answer or the end of patience. */
  act(): Promise<void>;
}

export interface Told {
  answered: number;
  /** Slack told the person that the app did not answer: they try again. */
  refused: number;
  /** Acknowledged, and no answer came. */
  unanswered: number;
  slowestMs: number;
  /** The same, of what began and ended while nothing was wrong. */
  calmUnanswered: number;
  calmSlowestMs: number;
}

export interface PeopleInput {
  readonly slack: SlackStandIn;
  readonly channel: string;
  readonly users: readonly string[];
  readonly clusters: readonly string[];
  /** Grows with everything that is done to the bot or its world, and when that ends; odd while something is wrong. */
  readonly troubles: () => number;
  readonly patienceMs: number;
}

const WORDS = [
  '{}',
  'nodes {}',
  '{} by app',
  'alerts {}',
  'status',
  'hygiene {}',
  'history {}',
  'source Billing API in {}',
];

export function createPeople(input: PeopleInput): People {
  const { slack, channel, users, clusters, troubles } = input;
  const told: Told = {
    ...{ answered: 0, refused: 0, unanswered: 0, slowestMs: 0, calmUnanswered: 0, calmSlowestMs: 0 },
  };
  let turn = 0;
  let last: Message | null = null;

  return {
    told,
    async act() {
      turn += 1;
      const user = users[turn % users.length] ?? '';
      const words = WORDS[turn % WORDS.length] ?? '{}';
      const text = words.replace('{}', clusters[(turn * 7) % clusters.length] ?? '');
      const pressed = turn % 3 === 0 && last?.ephemeralTo === user ? last : null;
      const before = new Set(shownTo(input, user).map(keyOf));
      const [troubled, began] = [troubles(), performance.now()];
      const delivery =
        pressed === null
          ? await slack.command({ user, channel, text })
          : await slack.press({ user, message: { channel, ts: pressed.ts }, actionId: 'refresh' });
      if (!delivery.acknowledged) {
        told.refused += 1;
        last = null;
        return;
      }
      last = await answer(input, user, before);
      const isCalm = troubled === troubles() && troubled % 2 === 0;
      if (last === null) {
        told.unanswered += 1;
        if (isCalm) told.calmUnanswered += 1;
        return;
      }
      const took = performance.now() - began;
      told.answered += 1;
      told.slowestMs = Math.max(told.slowestMs, took);
      if (isCalm) told.calmSlowestMs = Math.max(told.calmSlowestMs, took);
      if (pressed !== null || !JSON.stringify(last.blocks).includes('"refresh"')) last = null;
    },
  };
}

const keyOf = ({ ts, edits }: Message): string => `${ts} ${edits}`;

function shownTo({ slack, channel }: PeopleInput, user: string): readonly Message[] {
  return slack
    .messages(channel, user)
    .filter(({ ephemeralTo, user: by }) => ephemeralTo === user && by === slack.botUser);
}

function answer(input: PeopleInput, user: string, before: ReadonlySet<string>): Promise<Message | null> {
  return new Promise((resolve) => {
    const finish = (message: Message | null) => {
      stop();
      clearTimeout(timer);
      resolve(message);
    };
    const look = () => {
      const fresh = shownTo(input, user).findLast((one) => !before.has(keyOf(one)) && !one.text.startsWith('Reading '));
      if (fresh !== undefined) finish(fresh);
    };
    const stop = input.slack.onChange(look);
    const timer = setTimeout(() => finish(null), input.patienceMs);
    look();
  });
}
