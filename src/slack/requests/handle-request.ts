// At the door: each delivery once, only for those who may read, never without an answer, and by one name in every line
// of the log that it leads to.

import { withTimeout } from '../../core/base/abort.ts';
import { mayAct, mayRead, type Permission } from '../../core/base/permissions.ts';
import type { Problem } from '../../core/base/problem.ts';
import { referenceOf } from '../../core/base/short-id.ts';
import { explain, UpstreamError, UserError } from '../../errors.ts';
import { createRecent } from '../client/cache.ts';
import type { RequestLog } from '../client/log.ts';
import type { SlackSettings, Timing } from '../client/settings.ts';
import { problemView, refusalView } from '../views/notices.ts';
import type { Members } from './members.ts';
import type { Replies, Reply } from './reply.ts';
import type { SlackRequest } from './request.ts';

/** Somebody who may read, and how to answer them. */
export interface RequestContext {
  /** The request's name: in every line of the log, and in the answer where something of ours went wrong. */
  readonly request: string;
  readonly visit: SlackRequest;
  readonly reply: Reply;
  /** Whether something may stand in the channel for all to see. */
  readonly publicly: boolean;
  /** Whether the person may acknowledge and silence here, too. */
  readonly acting: Permission;
  /** Ends when nobody waits any more. */
  readonly signal: AbortSignal;
}

export interface RequestHandler {
  /** What goes wrong is shown to the person. */
  attend(visit: SlackRequest, task: (guest: RequestContext) => Promise<void>): Promise<void>;
  /** What a person may read of an error; what only we may read is logged under the request's name. */
  explained(error: unknown, guest: RequestContext): Problem;
}

export function createRequestHandler(input: {
  readonly settings: SlackSettings;
  readonly members: Members;
  readonly replies: Replies;
  readonly work: Work;
  readonly timing: Timing;
  readonly now: () => Date;
  readonly random: () => number;
  readonly log: RequestLog;
}): RequestHandler {
  const { settings, members, replies, timing, now, log } = input;
  const isNew = createRecent();

  const admitted = async ({
    request,
    visit,
    signal,
  }: Pick<RequestContext, 'request' | 'visit' | 'signal'>): Promise<RequestContext | null> => {
    const [person, channel] = await Promise.all([members.person(visit.user), members.channel(visit.channel)]);
    const permission = mayRead({ person, channel, settings: settings.read });
    const publicly = permission.allowed && permission.publicly;
    const reply = replies.to(visit, publicly);
    if (permission.allowed)
      return { request, visit, reply, publicly, acting: mayAct({ person, channel, settings }), signal };
    log.info({ user: visit.user, channel: visit.channel.id, reason: permission.reason }, 'somebody may not read here');
    await (visit.way.kind === 'click' && !visit.way.isOwn ? reply.aside : reply.show)(() => refusalView(permission));
    return null;
  };
  const explained = (error: unknown, { request, signal, visit }: RequestContext): Problem => {
    if (signal.aborted) {
      const problem = abortProblem(signal, timing);
      log.warn({ user: visit.user, channel: visit.channel.id, code: problem.code }, 'a request was ended');
      return problem;
    }
    const problem = explain(error, request);
    const isOurs = !(error instanceof UserError || error instanceof UpstreamError);
    const fields = { user: visit.user, channel: visit.channel.id, code: problem.code, err: error };
    if (isOurs) log.error(fields, 'a request failed');
    else log.info({ ...fields, problem: problem.text, err: undefined }, 'a request was answered with a problem');
    return problem;
  };

  const served = async (guest: RequestContext, task: Asked['task']) => {
    try {
      await task(guest);
    } catch (error) {
      const problem = explained(error, guest);
      await guest.reply.show(() => problemView(problem));
    }
  };
  const answered = async ({ request, visit, task, ending }: Asked) => {
    const began = now().getTime();
    const { id, user, channel, way } = visit;
    log.info({ delivery: id, user, channel: channel.id, way: way.kind }, 'a request came');
    const signal = AbortSignal.any([ending, AbortSignal.timeout(timing.answer)]);
    const guest = await admitted({ request, visit, signal });
    if (guest !== null) await served(guest, task);
    log.info({ tookMs: now().getTime() - began }, 'a request is done with');
  };

  return {
    explained,
    async attend(visit, task) {
      if (!isNew(visit.id)) return log.info({ delivery: visit.id }, 'a delivery was repeated');
      const request = referenceOf(input.random);
      await log.during({ request }, () => input.work.run((ending) => answered({ request, visit, task, ending })));
    },
  };
}

interface Asked {
  readonly request: string;
  readonly visit: SlackRequest;
  readonly task: (guest: RequestContext) => Promise<void>;
  /** Ends when the bot is stopped. */
  readonly ending: AbortSignal;
}

function abortProblem({ reason }: AbortSignal, { answer }: Timing): Problem {
  const isLate = reason instanceof Error && reason.name === 'TimeoutError';
  return isLate
    ? { code: 'timeout', text: `There was no answer within ${answer / 1_000} s.`, remedy: 'Ask again in a minute.' }
    : { code: 'stopping', text: 'I am being restarted.', remedy: 'Ask again in a minute.' };
}

// What is being answered: counted, so that stopping can wait for it; ended, when it does not end by itself.

export interface Work {
  /** Runs a task with a signal that ends it; what comes when no more is taken is left undone. */
  run(task: (signal: AbortSignal) => Promise<void>): Promise<void>;
  /** Takes no more, and waits for what runs: so long, and once more a little while after having ended it. */
  finish(waitMs: number): Promise<void>;
}

/** How long ended work may take to say so to whoever waits for it. */
const LAST_WORDS_MS = 2_000;

export function createWork(): Work {
  const ending = new AbortController();
  const running = new Set<Promise<void>>();
  let isClosed = false;
  return {
    async run(task) {
      if (isClosed) return;
      const work = task(ending.signal);
      running.add(work);
      try {
        await work;
      } finally {
        running.delete(work);
      }
    },
    async finish(waitMs) {
      isClosed = true;
      await settled(running, waitMs);
      ending.abort();
      await settled(running, LAST_WORDS_MS);
    },
  };
}

async function settled(running: ReadonlySet<Promise<void>>, ms: number): Promise<void> {
  await withTimeout(Promise.allSettled(running), { ms });
}
