// The channels that alerts go to: which they are, and what is said of one that takes none.

import type { RoutingSettings } from '../core/alerting/routing.ts';
import type { Problem } from '../core/base/problem.ts';

/** Ids, each once. */
export function alertChannels({ channel, critical, routes }: RoutingSettings): readonly string[] {
  const all = [channel, critical.channel, ...routes.map((route) => route.channel)];
  return [...new Set(all.filter((one) => one !== null))];
}

/** Ours, for a channel that other organisations read along in. */
export const SHARED = 'shared_channel';

const ABSENT: ReadonlySet<string> = new Set(['not_in_channel', 'channel_not_found']);

/** @param code Slack's, or `SHARED` */
export function alertChannelProblem(channel: string, code: string, name = channel): Problem {
  const said = (text: string, remedy: string): Problem => ({ code: 'slack-alert-channel', text, remedy });
  if (ABSENT.has(code))
    return said(
      `Alerts cannot be posted in ${name}: the app is not in it, or there is no such channel (${code}).`,
      `Write "/invite @atlas-conns" in it, by the name the app has there; or name another channel than ${channel}.`,
    );
  if (code === 'is_archived')
    return said(`Alerts cannot be posted in ${name}: it is archived.`, 'Unarchive it, or name another channel.');
  if (code === SHARED)
    return said(
      `Alerts are not posted in ${name}: it is shared with another organisation.`,
      'Name a channel of this workspace alone.',
    );
  return said(
    `Alerts cannot be posted in ${name}: Slack refuses them (${code}).`,
    "Check the channel's settings and the scopes of the app.",
  );
}
