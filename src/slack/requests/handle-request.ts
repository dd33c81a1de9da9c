// Answers each delivery once, and only to people who may read. No delivery stays without an answer. Every log line of a
// request has its reference.

import { withTimeout } from '../../core/base/abort.ts';
import { mayAct, mayRead, type Permission } from '../../core/base/permissions.ts';
import type { Problem } from '../../core/base/problem.ts';
import { referenceOf } from '../../core/base/short-id.ts';
import { explain, UpstreamError, UserError } from '../../errors.ts';
import type { MessagePlace } from '../blockkit/types.ts';
import { createRecent } from '../client/cache.ts';
import type { RequestLog } from '../client/log.ts';
import type { SlackSettings, Timing } from '../client/settings.ts';
import { PASSED, problemView, refusalView } from '../views/notices.ts';
import type { SlackRequest } from './decode.ts';
import type { Members } from './members.ts';
import type { Replies, Reply } from './reply.ts';

/** A request of a person with permission to read, and the way to answer it. */
export interface RequestContext {
  readonly request: SlackRequest;
  readonly reply: Reply;
  /** Whether everyone in the channel may see an answer. */
  readonly publicly: boolean;
  /** Whether the person may also acknowledge and silence here. */
  readonly acting: Permission;
  /** The person's own zone; null when Slack did not report it. For an answer that other people see, too, use the bot's. */
  readonly timeZone: string | null;
  /** Aborts at the time limit and when the bot stops. */
  readonly signal: AbortSignal;
  /** The public part of an error. The rest is logged. */
  readonly explain: (error: unknown) => Problem;
}

/** The zone of times as text: the person's own where only the person sees them, else the bot's. */
export function zoneAt(
  place: MessagePlace,
  person: Pick<RequestContext, 'timeZone'>,
  bot: string | null,
): string | null {
  return place.kind === 'shared' ? bot : (person.timeZone ?? bot);
}

type Task = (context: RequestContext) => Promise<void>;

export interface RequestHandler {
  /** Runs the task and shows its errors to the person. */
  handle(request: SlackRequest, task: Task): Promise<void>;
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

  const admitted = async (
    request: SlackRequest,
    { signal, reference }: { readonly signal: AbortSignal; readonly reference: string },
  ): Promise<RequestContext | null> => {
    const { user, origin } = request;
    const [person, channel] = await Promise.all([members.person(user), members.channel(request.channel)]);
    const permission = mayRead({ person, channel, settings: settings.read });
    const publicly = permission.allowed && permission.publicly && request.isPrivate !== true;
    const reply = replies.to(request, publicly);
    if (permission.allowed) {
      const acting = mayAct({ person, channel, settings });
      const explain = (error: unknown) => explained(error, { request, signal, reference });
      const { timeZone = null } = person;
      return { request, reply, publicly, acting, timeZone, signal, explain };
    }
    log.info({ user, channel: request.channel.id, reason: permission.reason }, 'permission denied');
    await (origin.kind === 'click' && !origin.isOwn ? reply.aside : reply.show)(() =>
      refusalView(permission, request.hasString === true ? [PASSED] : []),
    );
    return null;
  };

  const explained = (
    error: unknown,
    of: { readonly request: SlackRequest; readonly signal: AbortSignal; readonly reference: string },
  ): Problem => {
    const { request, signal, reference } = of;
    const { user, channel } = request;
    if (signal.aborted) {
      const problem = abortProblem(signal, timing);
      log.warn({ user, channel: channel.id, code: problem.code }, 'request aborted');
      return problem;
    }
    const problem = explain(error, reference);
    const isOurs = !(error instanceof UserError || error instanceof UpstreamError);
    const fields = { user, channel: channel.id, code: problem.code, err: error };
    if (isOurs) log.error(fields, 'request failed');
    else log.info({ ...fields, problem: problem.text, err: undefined }, 'request answered with a problem');
    return problem;
  };

  const answer = async (request: SlackRequest, reference: string, { task, ending }: Asked) => {
    const began = now().getTime();
    const { id, user, channel, origin } = request;
    log.info({ delivery: id, user, channel: channel.id, way: origin.kind }, 'request received');
    const signal = AbortSignal.any([ending, AbortSignal.timeout(timing.answer)]);
    const context = await admitted(request, { signal, reference });
    try {
      if (context !== null) await task(context);
    } catch (error) {
      const problem = explained(error, { request, signal, reference });
      await context?.reply.show(() => problemView(problem));
    }
    log.info({ tookMs: now().getTime() - began }, 'request finished');
  };

  return {
    async handle(request, task) {
      if (!isNew(request.id)) return log.info({ delivery: request.id }, 'delivery repeated');
      const reference = referenceOf(input.random);
      await log.during({ request: reference }, () =>
        input.work.run((ending) => answer(request, reference, { task, ending })),
      );
    },
  };
}

interface Asked {
  readonly task: Task;
  /** Aborts when the bot stops. */
  readonly ending: AbortSignal;
}

function abortProblem({ reason }: AbortSignal, { answer }: Timing): Problem {
  const isLate = reason instanceof Error && reason.name === 'TimeoutError';
  return isLate
    ? { code: 'timeout', text: `There was no answer within ${answer / 1_000} s.`, remedy: 'Ask again in a minute.' }
    : { code: 'stopping', text: 'I am being restarted.', remedy: 'Ask again in a minute.' };
}

/** Running requests, so that stopping can wait for them and abort them. */
export interface Work {
  /** Runs a task with a signal that aborts it. Does nothing once `finish` was called. */
  run(task: (signal: AbortSignal) => Promise<void>): Promise<void>;
  /** Accepts no more, waits for running tasks, then aborts them and waits a moment more. */
  finish(waitMs: number): Promise<void>;
}

/** How long an aborted request may take to inform the person. */
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
