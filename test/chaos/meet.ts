// What goes wrong, as a schedule says.

import type { Crew, Member, Stage } from './crew.ts';
import { MINUTE } from './history.ts';
import type { Fault, FaultKind } from './schedule.ts';

export interface Ending {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly end: () => void;
}

interface Meeting extends Pick<Stage, 'slack' | 'trouble'> {
  readonly fault: Fault;
  readonly member: Member;
  /** Calls it when so many minutes have passed. */
  readonly endIn: (minutes: number, end: () => void) => void;
}

/** All that a notifier asks of Slack. */
const METHODS = [
  'chat.postMessage',
  'chat.update',
  'chat.getPermalink',
  'conversations.history',
  'conversations.replies',
  'conversations.info',
];
const POST = 'chat.postMessage';
const EDIT = 'chat.update';
const LATE_MS = 400;
/** Longer than a bot waits for an answer: what it posts appears when it has given up. */
const SLOW_MS = 350;

const MEETINGS: Partial<Record<FaultKind, (meeting: Meeting) => void>> = {
  kill({ fault: { point, skip }, member: { fate } }) {
    fate.arm({ point, skip, spring: fate.kill });
  },
  pause({ fault: { point, skip, minutes }, member: { fate }, endIn }) {
    const spring = () => {
      fate.freeze();
      endIn(minutes, fate.thaw);
    };
    fate.arm({ point, skip, spring });
  },
  'store-away'({ fault, trouble, endIn }) {
    trouble.away = true;
    endIn(fault.minutes, () => {
      trouble.away = false;
    });
  },
  'store-silent'({ fault, trouble, endIn }) {
    trouble.silent = true;
    endIn(fault.times, () => {
      trouble.silent = false;
    });
  },
  'rate-limit'({ fault: { times }, slack: { faults } }) {
    faults.rateLimit(POST, times - 1, times);
    faults.rateLimit(EDIT, 0, times);
  },
  '5xx-before'({ fault: { times }, slack: { faults } }) {
    faults.fail(POST, 503, times);
    faults.fail(EDIT, 503, times);
  },
  '5xx-after'({ fault: { times }, slack: { faults } }) {
    faults.answerThenFail(POST, 502, times);
    faults.answerThenFail(EDIT, 502, times);
  },
  slow({ slack: { faults }, endIn }) {
    faults.slow(SLOW_MS, POST);
    endIn(1, () => faults.clear());
  },
  'answer-lost'({ fault: { times, minutes }, slack: { faults } }) {
    faults.answerThenDrop(POST, times);
    // Nor can it be looked for at once.
    if (minutes % 2 === 0) faults.fail('conversations.history', 503, times);
  },
  ...strangers('html'),
  ...strangers('empty'),
  ...strangers('null'),
  ...strangers('cut'),
  'answer-late'({ fault: { times }, member: { wire } }) {
    wire.delay(times, LATE_MS);
  },
  'clock-forward'({ fault: { minutes }, member: { host } }) {
    host.step(minutes * MINUTE);
  },
  'clock-back'({ fault: { minutes }, member: { host } }) {
    host.step(-minutes * MINUTE);
  },
};

/** Something that is not Slack answers: before anything is done, and after it. */
function strangers(stranger: 'html' | 'empty' | 'null' | 'cut'): typeof MEETINGS {
  return {
    [stranger]({ fault: { times }, slack: { faults } }: Meeting) {
      for (const method of METHODS) faults.answerAs(stranger, method, times);
    },
    [`${stranger}-after`]({ fault: { times, minutes }, slack: { faults } }: Meeting) {
      faults.answerThenAs(stranger, POST, times);
      faults.answerThenAs(stranger, EDIT, times);
      // Nor can it be looked for at once.
      if (minutes % 2 === 0) faults.answerAs(stranger, 'conversations.history', times);
    },
  };
}

/** What lasts adds its end. */
export function meet(fault: Fault, { slack, trouble, clock }: Stage, on: { crew: Crew; endings: Ending[] }): void {
  const member = on.crew.member(fault.replica);
  if (member === null) return;
  const endIn = (minutes: number, end: () => void) =>
    void on.endings.push({ at: clock.time() + minutes * MINUTE, end });
  MEETINGS[fault.kind]?.({ fault, member, slack, trouble, endIn });
}
