// Posts and ends a marked test alert. It proves that a channel accepts alerts.

import type { Alert } from '../../core/alerting/alert.ts';
import { MINUTE } from '../../core/base/duration.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { Log } from '../../core/ports/telemetry.ts';
import { isPassing } from '../client/errors.ts';
import { alertChannelProblem, SHARED, unreachableProblem } from '../client/preflight.ts';
import { createSender, type PostResult } from '../client/send.ts';
import type { WebClients } from '../client/web-client.ts';
import { alertView } from '../views/alert-card.ts';
import { linesOf, noticeView } from '../views/notices.ts';
import { createAudience } from './channel-health.ts';
import { createMessagePoster } from './post.ts';

/** One tested step, and why it failed; null if it succeeded. */
export interface TestStep {
  readonly what: string;
  readonly problem: Problem | null;
}

/**
 * Posts, replies and edits in each channel. Stops in a channel at the first failure. Never rejects because of Slack.
 */
export async function* testAlert(input: {
  readonly channels: readonly string[];
  readonly clients: WebClients;
  readonly now: () => Date;
  readonly log: Log;
}): AsyncGenerator<TestStep> {
  const { clients, now, log } = input;
  const onTokenGone = () => {};
  const audience = createAudience({ client: clients.answers, keepMs: 0, now, log });
  const poster = createMessagePoster({ clients, sender: createSender({ log, onTokenGone }), paceMs: 1_000 });
  const at = input.now().getTime();
  const id = `test/${at}`;
  for (const channel of input.channels) {
    const isShared = (await audience(channel)) === 'shared';
    const post = async (): Promise<PostResult> =>
      isShared
        ? { ok: false, error: SHARED, detail: [] }
        : poster.post({ id, channel, threadTs: null, broadcast: false, rendering: () => view('firing', at) });
    const posted = await post();
    yield step(`a test alert in ${channel}`, posted, channel);
    if (!posted.ok || posted.ts === null) continue;
    const place = { channel: posted.channel ?? channel, ts: posted.ts };
    const reply = noticeView({ lines: linesOf('This is what a reply looks like.'), mentions: [], late: null });
    const below = { channel: place.channel, threadTs: place.ts, broadcast: false };
    yield step(
      `a reply in its thread in ${channel}`,
      await poster.post({ id: `${id}/reply`, ...below, rendering: () => reply }),
      channel,
    );
    const ended = await poster.edit({ id, place, rendering: () => view('ended', at) });
    yield step(`its end, as an edit, in ${channel}`, ended, channel);
  }
}

function step(what: string, posted: PostResult, channel: string): TestStep {
  if (posted.ok) return { what, problem: null };
  const { error } = posted;
  // A temporary error does not concern the channel.
  return { what, problem: isPassing(error) ? unreachableProblem(error) : alertChannelProblem(channel, error) };
}

function view(state: 'firing' | 'ended', at: number) {
  return alertView({
    alert: { ...TEST, state, since: at - MINUTE, endedAt: state === 'ended' ? at : null, judgedAt: at },
    command: '',
    owner: null,
    runbook: null,
    links: { cluster: null, accessList: null },
    previous: null,
    related: [],
    chart: null,
    mentions: [],
    late: null,
    hasButtons: false,
  });
}

const TEST: Omit<Alert, 'since' | 'endedAt' | 'judgedAt'> = {
  id: 'test',
  version: 1,
  cluster: 'no cluster',
  rule: 'dormant-threshold',
  source: null,
  node: null,
  who: 'Test alert',
  state: 'firing',
  severity: 'warning',
  refires: 0,
  value: 0,
  usual: null,
  peak: 0,
  shown: 0,
  postedAt: null,
  shownAt: null,
  channel: null,
  what: 'nothing is wrong, alerts reach this channel',
  reason: 'a person asked for a test alert.',
  notes: [],
  evidence: null,
  unreadSince: null,
  endReason: null,
  calmSince: null,
  lastAction: null,
  group: null,
  lead: null,
  previous: null,
  replies: 0,
};
