// What is counted at Slack when everything has calmed down, against the records that the store has.

import type { Alert, AlertGroup } from '../../src/core/alerting/alert.ts';
import type { Store } from '../../src/core/ports/store.ts';
import { DELIVERY_EVENT } from '../../src/slack/notifier/post.ts';
import { alertView } from '../../src/slack/views/alert-card.ts';
import { ledgerOf } from '../sandbox/slack/ledger.ts';
import type { SlackStandIn } from '../sandbox/slack/stand-in.ts';
import { CHANNEL, CRITICAL } from './bot.ts';

export interface Verdict {
  /** Deliveries that must be in Slack. */
  readonly expected: number;
  /** Ids. */
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  /** Posted without the store and marked so, and then posted again, or known to no record. */
  readonly repeated: readonly string[];
  /** Those of them whose alert a person has acknowledged or silenced: what was decided without the store came before. */
  readonly overtaken: readonly string[];
  /** Messages that tell another state than the record. */
  readonly stale: readonly string[];
  /** Posted, and nothing like it was ever decided. */
  readonly unfounded: readonly string[];
  /** How many say that they come late. */
  readonly late: number;
}

export interface Records {
  readonly alerts: readonly Alert[];
  readonly groups: readonly AlertGroup[];
}

export async function recordsIn(store: Pick<Store, 'alerts' | 'group'>): Promise<Records> {
  const alerts = await store.alerts({ cluster: null, endedSince: 0 });
  const ids = new Set(alerts.flatMap(({ group }) => (group === null ? [] : [group])));
  const groups = await Promise.all([...ids].map((id) => store.group(id)));
  return { alerts, groups: groups.filter((group) => group !== null) };
}

/** @param written ids of deliveries that are known to have been decided, beside what the records tell */
export function verdictOn(slack: SlackStandIn, records: Records, written: ReadonlySet<string>): Verdict {
  const { posted } = ledgerOf(slack.calls, DELIVERY_EVENT);
  const expected = new Set([...written, ...toldBy(records)]);
  const notes = new Set(records.alerts.flatMap(({ id, refires }) => notesOf(id, refires)));
  const posts = slack.calls.filter(({ method, result }) => method === 'chat.postMessage' && result === 'ok');
  const saying = (words: RegExp) => posts.filter(({ body }) => words.test(String(body['text'])));
  const late = saying(/Delayed.*: decided at/s);
  const marked = ledgerOf(saying(/History unavailable: .* may repeat\./s), DELIVERY_EVENT).posted;
  const doubled = [...posted].filter(([, times]) => times > 1).map(([id]) => id);
  const unfounded = [...posted.keys()].filter((id) => !expected.has(id) && !notes.has(id));
  const repeated = [...doubled, ...unfounded].filter((id) => marked.has(id));
  const handled = records.alerts.filter(({ lastAction }) => lastAction !== null);
  return {
    expected: expected.size,
    lost: [...expected].filter((id) => !posted.has(id)),
    doubled: doubled.filter((id) => !marked.has(id)),
    repeated,
    overtaken: repeated.filter((delivery) => handled.some(({ id }) => delivery.startsWith(`${id}/`))),
    stale: staleIn(slack, records),
    unfounded: unfounded.filter((id) => !marked.has(id)),
    late: late.length,
  };
}

function toldBy({ alerts, groups }: Records): readonly string[] {
  return [
    ...alerts.flatMap(({ id, shown, replies }) => [
      ...(shown === null ? [] : [`${id}/message`]),
      ...Array.from({ length: replies }, (_, index) => `${id}/reply/${index + 1}`),
    ]),
    ...groups.map(({ id }) => `${id}/message`),
  ];
}

function notesOf(id: string, refires: number): readonly string[] {
  return Array.from({ length: refires + 1 }, (_, index) => `${id}/note/${index}`);
}

/** Where a message was posted twice, the one that the store knows is edited: any of them may tell the newest. */
function staleIn(slack: SlackStandIn, { alerts }: Records): readonly string[] {
  const [anna] = slack.people;
  const texts = [CHANNEL, CRITICAL].flatMap((channel) =>
    slack.messages(channel, anna?.id ?? '').map(({ text }) => text),
  );
  return alerts
    .filter(({ shown }) => shown !== null)
    .filter((alert) => !texts.some((text) => tells(text, alert)))
    .map((alert) => `${alert.id} is ${alert.state}`);
}

const MOVED = '§';

/** The figure of an open alert may be a tenth away from its record's, and the peak with it: it is not edited for less. */
function tells(text: string, alert: Alert): boolean {
  const title = titleOf(alert.state === 'ended' ? alert : { ...alert, what: MOVED, peak: 0 });
  const [before = '', after = ''] = withoutPeak(title).split(MOVED);
  const line = withoutPeak(text.split('\n')[0] ?? '');
  return line.startsWith(before) && line.includes(after);
}

const withoutPeak = (title: string): string => title.replace(/, peak [\d,]+/, '');

function titleOf(alert: Alert): string {
  const nothing = { owner: null, runbook: null, links: { cluster: null, accessList: null }, previous: null };
  const view = alertView({ alert, ...nothing, related: [], chart: null, mentions: [], late: null, hasButtons: false });
  return view.text.split('\n')[0] ?? '';
}
