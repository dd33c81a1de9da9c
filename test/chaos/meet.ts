// What goes wrong, as a schedule says, and people who go on with their work meanwhile.

import { isOpen } from '../../src/core/alert-record.ts';
import type { Watching } from '../../src/core/watching.ts';
import { UpstreamError } from '../../src/errors.ts';
import { ANNA } from '../sandbox/slack/people.ts';
import type { Crew, Member, Stage } from './crew.ts';
import { CLUSTER, MINUTE } from './history.ts';
import type { Act, Fault } from './schedule.ts';

export interface Ending {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly end: () => void;
}

const POST = 'chat.postMessage';
const LATE_MS = 400;
const SLOW_MS = 350;

/** @returns when it is over, where it lasts */
export function meet(fault: Fault, { slack, trouble, clock }: Stage, crew: Crew, endings: Ending[]): void {
  const { minutes, times, point, skip } = fault;
  const member = crew.member(fault.replica);
  const endIn = (ms: number, end: () => void) => void endings.push({ at: clock.time() + ms, end });
  switch (fault.kind) {
    case 'kill':
      return member?.fate.arm({ point, skip, spring: member.fate.kill });
    case 'pause':
      return member?.fate.arm({
        ...{ point, skip },
        spring: () => {
          member.fate.freeze();
          endIn(minutes * MINUTE, member.fate.thaw);
        },
      });
    case 'store-away':
      trouble.away = true;
      return endIn(minutes * MINUTE, () => {
        trouble.away = false;
      });
    case 'store-silent':
      trouble.silent = true;
      return endIn(times * MINUTE, () => {
        trouble.silent = false;
      });
    case 'rate-limit':
      slack.faults.rateLimit(POST, times - 1, times);
      return slack.faults.rateLimit('chat.update', 0, times);
    case '5xx-before':
      slack.faults.fail('chat.update', 503, times);
      return slack.faults.fail(POST, 503, times);
    case '5xx-after':
      slack.faults.answerThenFail('chat.update', 502, times);
      return slack.faults.answerThenFail(POST, 502, times);
    case 'slow':
      slack.faults.slow(SLOW_MS, POST);
      return endIn(MINUTE, () => slack.faults.clear());
    case 'answer-lost':
      if (minutes > 6) slack.faults.fail('conversations.history', 503, times);
      return slack.faults.answerThenDrop(POST, times);
    case 'answer-late':
      return member?.wire.delay(times, LATE_MS);
    case 'clock-forward':
    case 'clock-back':
      return member?.host.step((fault.kind === 'clock-back' ? -1 : 1) * minutes * MINUTE);
    case 'election':
      return;
  }
}

/** What a person does ends with the bot that they do it with, or fails with its store: then it was not done. */
export function actOn(act: Act, { bot, host }: Member): void {
  const done = actOf(act, bot.watching, host.now).catch((error: unknown) => {
    if (!(error instanceof UpstreamError)) throw error;
  });
  void done;
}

async function actOf({ kind, source, minutes }: Act, watching: Watching, now: () => Date): Promise<unknown> {
  const signal = new AbortController().signal;
  const { alerts, silences } = await watching.board(signal);
  switch (kind) {
    case 'acknowledge': {
      const open = alerts.filter(isOpen).map(({ id }) => id);
      return watching.acknowledge({ alerts: open.slice(0, 2), by: ANNA.id, signal });
    }
    case 'silence': {
      const [alert] = alerts.filter(isOpen);
      const chosen = alert?.source ?? source;
      const until = now().getTime() + minutes * MINUTE;
      const request = { cluster: CLUSTER, source: chosen, node: null, rule: null, who: chosen, until };
      return watching.silence({ request: { ...request, reason: 'a load test', hold: false }, by: ANNA.id, signal });
    }
    case 'unsilence':
      return watching.unsilence({ silences: silences.map(({ id }) => id), by: ANNA.id, signal });
  }
}
