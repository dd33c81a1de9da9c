// What is counted at Slack when everything has calmed down, against the records that the store has.

import type { Store } from '../../src/core/ports/store.ts';
import { DELIVERY_EVENT } from '../../src/slack/notifier/post.ts';
import { ledgerOf } from '../sandbox/slack/ledger.ts';
import type { SlackStandIn } from '../sandbox/slack/stand-in.ts';
import { CHANNEL, CRITICAL } from './bot.ts';
import { agedIn, isJoined, type Posted, postedIn, type Records, staleIn } from './told.ts';

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

export async function recordsIn(store: Pick<Store, 'alerts' | 'group'>): Promise<Records> {
  const alerts = await store.alerts({ cluster: null, endedSince: 0 });
  const ids = new Set(alerts.flatMap(({ group }) => (group === null ? [] : [group])));
  const groups = await Promise.all([...ids].map((id) => store.group(id)));
  return { alerts, groups: groups.filter((group) => group !== null) };
}

/** @param written ids of deliveries that are known to have been decided, beside what the records tell */
export function verdictOn(slack: SlackStandIn, records: Records, written: ReadonlySet<string>): Verdict {
  const { posted } = ledgerOf(slack.calls, DELIVERY_EVENT);
  const joined = new Set(records.alerts.filter(isJoined).map(({ id }) => `${id}/message`));
  // What joined an incident before its own message was posted is a row from the start.
  const expected = new Set([...written, ...toldBy(records)].filter((id) => !joined.has(id)));
  const notes = new Set(records.alerts.flatMap(({ id, refires }) => notesOf(id, refires)));
  const posts = slack.calls.filter(({ method, result }) => method === 'chat.postMessage' && result === 'ok');
  const saying = (words: RegExp) => posts.filter(({ body }) => words.test(String(body['text'])));
  const late = saying(/Delayed.*: decided at/s);
  const marked = ledgerOf(saying(/History unavailable: .* may repeat\./s), DELIVERY_EVENT).posted;
  const doubled = [...posted].filter(([, times]) => times > 1).map(([id]) => id);
  const unfounded = [...posted.keys()].filter((id) => !expected.has(id) && !notes.has(id) && !joined.has(id));
  const repeated = [...doubled, ...unfounded].filter((id) => marked.has(id));
  const handled = records.alerts.filter(({ lastAction }) => lastAction !== null);
  return {
    expected: expected.size,
    lost: [...expected].filter((id) => !posted.has(id)),
    doubled: doubled.filter((id) => !marked.has(id)),
    repeated,
    overtaken: repeated.filter((delivery) => handled.some(({ id }) => delivery.startsWith(`${id}/`))),
    stale: staleIn(messagesIn(slack), records),
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
    // An incident of now has the message of its lead.
    ...groups.filter(({ lead }) => lead === null).map(({ id }) => `${id}/message`),
  ];
}

function notesOf(id: string, refires: number): readonly string[] {
  return Array.from({ length: refires + 1 }, (_, index) => `${id}/note/${index}`);
}

/** Open alerts whose messages show older figures than they may, when Slack has been taking edits for long enough. */
export function agedOn(slack: SlackStandIn, records: Records): readonly string[] {
  return agedIn(messagesIn(slack), records);
}

function messagesIn(slack: SlackStandIn): Posted {
  const [anna] = slack.people;
  return postedIn([CHANNEL, CRITICAL].flatMap((channel) => slack.messages(channel, anna?.id ?? '')));
}
