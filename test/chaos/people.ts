// People who go on with their work while things go wrong: they acknowledge, silence, and end silences.

import { isOpen } from '../../src/core/alerting/alert.ts';
import type { Monitor } from '../../src/core/ports/monitor.ts';
import { UpstreamError } from '../../src/errors.ts';
import { ANNA } from '../sandbox/slack/people.ts';
import type { Member } from './crew.ts';
import { CLUSTER, MINUTE } from './history.ts';
import type { Act } from './schedule.ts';

/** What a person does ends with the bot that they do it with, or fails with its store: then it was not done. */
export function actOn(act: Act, { bot, host }: Member): void {
  const done = actOf(act, bot.monitor, host.now).catch((error: unknown) => {
    if (!(error instanceof UpstreamError)) throw error;
  });
  void done;
}

async function actOf({ kind, source, minutes }: Act, monitor: Monitor, now: () => Date): Promise<unknown> {
  const signal = new AbortController().signal;
  const { alerts, silences } = await monitor.board(signal);
  switch (kind) {
    case 'acknowledge': {
      const open = alerts.filter(isOpen).map(({ id }) => id);
      return monitor.acknowledge({ alerts: open.slice(0, 2), by: ANNA.id, signal });
    }
    case 'silence': {
      const [alert] = alerts.filter(isOpen);
      const chosen = alert?.source ?? source;
      const until = now().getTime() + minutes * MINUTE;
      const request = { cluster: CLUSTER, source: chosen, node: null, rule: null, who: chosen, until };
      return monitor.silence({ request: { ...request, reason: 'a load test', hold: false }, by: ANNA.id, signal });
    }
    case 'unsilence':
      return monitor.unsilence({ silences: silences.map(({ id }) => id), by: ANNA.id, signal });
  }
}
