// The scripted incident "A full node" in the real bot: everything that the channel saw, with its simulated time.

import { openStage } from '../sandbox/demo/stage.ts';
import { fullNodeIncident } from '../sandbox/scenario/full-node.ts';
import { playSteps } from '../sandbox/scenario/steps.ts';

/** One post or edit of the channel. */
export interface Said {
  /** Simulated minutes since the deploy. */
  readonly minute: number;
  /** Simulated, in milliseconds since 1970. */
  readonly at: number;
  readonly kind: 'post' | 'edit' | 'reply' | 'loud reply';
  readonly ts: string;
  readonly text: string;
  readonly blocks: readonly Record<string, unknown>[];
}

interface StoryOptions {
  /** Called in each simulated minute. */
  readonly onMinute?: (minute: number) => void | Promise<void>;
  readonly minutes?: number;
  readonly speed?: number;
}

export async function playIncident({
  minutes = 90,
  speed = 60,
  onMinute,
}: StoryOptions = {}): Promise<readonly Said[]> {
  const stage = await openStage({ hour: 10, speed: 0, days: 2 });
  const { slack, prod, clock } = stage;
  const stop = new AbortController();
  try {
    stage.setSpeed(speed);
    await clock.wait(6 * 60_000, stop.signal);
    const began = clock.now().getTime();
    const played = playSteps(fullNodeIncident.steps, { cluster: prod, clock, signal: stop.signal });
    const said: Said[] = [];
    let seen = slack.calls.length;
    let told = -1;
    for (let minute = 0; minute < minutes; minute = (clock.now().getTime() - began) / 60_000) {
      for (const call of slack.calls.slice(seen)) {
        seen += 1;
        if (call.result === 'ok' && call.method.startsWith('chat.')) said.push(saidOf(call, { minute, began }));
      }
      if (Math.floor(minute) > told) {
        told = Math.floor(minute);
        await onMinute?.(told);
      }
      await clock.wait(10_000, stop.signal);
    }
    await played;
    return said.filter(({ text }) => text !== '');
  } finally {
    stop.abort();
    await stage.close();
  }
}

function saidOf(
  { method, body }: { readonly method: string; readonly body: Readonly<Record<string, unknown>> },
  { minute, began }: { readonly minute: number; readonly began: number },
): Said {
  const parsed = (value: unknown) => (typeof value === 'string' ? JSON.parse(value) : value);
  const thread = body['thread_ts'];
  const isLoud = body['reply_broadcast'] === true || body['reply_broadcast'] === 'true';
  const kind = method === 'chat.update' ? 'edit' : thread === undefined ? 'post' : isLoud ? 'loud reply' : 'reply';
  const at = began + minute * 60_000;
  const ts = String(thread ?? body['ts'] ?? '');
  return { minute, at, kind, ts, text: String(body['text'] ?? ''), blocks: parsed(body['blocks']) ?? [] };
}
