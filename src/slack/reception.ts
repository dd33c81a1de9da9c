// At the door: each delivery once, only for those who may read, and never without an answer.

import { mayAct, mayRead, type Permission } from '../core/permission.ts';
import type { Problem } from '../core/problem.ts';
import { referenceOf } from '../core/reference.ts';
import { explain, UpstreamError, UserError } from '../errors.ts';
import type { BotLog } from './log.ts';
import type { Members } from './members.ts';
import { createRecent } from './recent.ts';
import type { Replies, Reply } from './reply.ts';
import type { SlackSettings, Timing } from './settings.ts';
import { problemView } from './views/problem.ts';
import { refusalView } from './views/refusal.ts';
import type { Visit } from './visit.ts';
import type { Work } from './work.ts';

/** Somebody who may read, and how to answer them. */
export interface Guest {
  readonly visit: Visit;
  readonly reply: Reply;
  /** Whether something may stand in the channel for all to see. */
  readonly publicly: boolean;
  /** Whether the person may acknowledge and silence here, too. */
  readonly acting: Permission;
  /** Ends when nobody waits any more. */
  readonly signal: AbortSignal;
}

export interface Reception {
  /** What goes wrong is shown to the person. */
  attend(visit: Visit, task: (guest: Guest) => Promise<void>): Promise<void>;
  /** What a person may read of an error; what only we may read is logged with the same reference. */
  explained(error: unknown, guest: Guest): Problem;
}

export function createReception(input: {
  readonly settings: SlackSettings;
  readonly members: Members;
  readonly replies: Replies;
  readonly work: Work;
  readonly timing: Timing;
  readonly random: () => number;
  readonly log: BotLog;
}): Reception {
  const { settings, members, replies, timing, log } = input;
  const isNew = createRecent();

  const admitted = async (visit: Visit, signal: AbortSignal): Promise<Guest | null> => {
    const [person, channel] = await Promise.all([members.person(visit.user), members.channel(visit.channel)]);
    const permission = mayRead({ person, channel, settings: settings.read });
    const publicly = permission.allowed && permission.publicly;
    const reply = replies.to(visit, publicly);
    if (permission.allowed) return { visit, reply, publicly, acting: mayAct({ person, channel, settings }), signal };
    log.info({ user: visit.user, channel: visit.channel.id, reason: permission.reason }, 'somebody may not read here');
    await (visit.way.kind === 'click' && !visit.way.isOwn ? reply.aside : reply.show)(() => refusalView(permission));
    return null;
  };
  const explained = (error: unknown, { signal, visit }: Guest): Problem => {
    if (signal.aborted) {
      const problem = abortProblem(signal, timing);
      log.warn({ user: visit.user, channel: visit.channel.id, code: problem.code }, 'a request was ended');
      return problem;
    }
    const reference = referenceOf(input.random);
    const problem = explain(error, reference);
    const isOurs = !(error instanceof UserError || error instanceof UpstreamError);
    const fields = { user: visit.user, channel: visit.channel.id, code: problem.code, err: error };
    if (isOurs) log.error({ reference, ...fields }, 'a request failed');
    else log.info({ ...fields, problem: problem.text, err: undefined }, 'a request was answered with a problem');
    return problem;
  };

  return {
    explained,
    async attend(visit, task) {
      if (!isNew(visit.id)) return log.info({ delivery: visit.id }, 'a delivery was repeated');
      await input.work.run(async (ending) => {
        const signal = AbortSignal.any([ending, AbortSignal.timeout(timing.answer)]);
        const guest = await admitted(visit, signal);
        if (guest === null) return;
        try {
          await task(guest);
        } catch (error) {
          const problem = explained(error, guest);
          await guest.reply.show(() => problemView(problem));
        }
      });
    },
  };
}

function abortProblem({ reason }: AbortSignal, { answer }: Timing): Problem {
  const isLate = reason instanceof Error && reason.name === 'TimeoutError';
  return isLate
    ? { code: 'timeout', text: `There was no answer within ${answer / 1_000} s.`, remedy: 'Ask again in a minute.' }
    : { code: 'stopping', text: 'I am being restarted.', remedy: 'Ask again in a minute.' };
}
