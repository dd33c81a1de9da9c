// The small lines below a view: how old its figures are, how whole, and what its marks mean.

import type { ContextBlock } from '@slack/types';
import { count, counted, span } from '../../core/base/format.ts';
import type { Clients } from '../../core/connections/clients.ts';
import { clientsBy, type Dimension } from '../../core/connections/group-by.ts';
import { nodesRead } from '../../core/connections/node-usage.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import { type ConnectionSource, neverAuthenticated } from '../../core/connections/source.ts';
import { context } from '../blockkit/blocks.ts';
import { type Moment, moment, type Phrase } from '../blockkit/rich-text.ts';

/** From here on a time of day alone would be taken for today's. */
const OLD_MS = 12 * 3_600_000;
/** A younger reading was made for whoever looks at it. */
const WORTH_TELLING_MS = 1_000;

export function footer(report: ConnectionReport, input: { ageMs: number; notes?: readonly Phrase[] }): ContextBlock {
  return context([readLine(report, input.ageMs), ...(input.notes ?? [])]);
}

/** `read 10:02:11 in 0.2 s · 3 of 4 nodes · access list of 10:00, 41 entries` */
function readLine(report: ConnectionReport, ageMs: number): Phrase {
  const { at, tookMs, nodes, accessList } = report;
  const age = ageMs < WORTH_TELLING_MS ? '' : `, ${span(Math.floor(ageMs / 1000) * 1000)} ago,`;
  const of = `${nodesRead(report).length} of ${counted(nodes.length, 'node')}`;
  const start: Phrase = ['read ', when(at, { isOld: ageMs > OLD_MS }), `${age} in ${span(tookMs)} · ${of} · `];
  if (accessList === null) return [...start, 'no access list'];
  const isOld = ageMs > OLD_MS || Date.parse(at) - Date.parse(accessList.readAt) > OLD_MS;
  const entries = accessList.entries === 1 ? '1 entry' : `${count(accessList.entries)} entries`;
  const partly = accessList.complete ? '' : ', read in part';
  const list = moment(accessList.readAt, isOld ? 'date-time' : 'time');
  return [...start, 'access list of ', list, `, ${entries}${partly}`];
}

function when(at: string, { isOld }: { isOld: boolean }): Moment {
  return moment(at, isOld ? 'date-time' : 'seconds');
}

/** What `~`, `?` and `≥` mean, and what the servers do not tell. */
export function doubtLines(report: ConnectionReport, by: Dimension): readonly Phrase[] {
  const { sources } = report;
  const isEstimated = (what: 'monitors' | 'users') => sources.some(({ estimated }) => estimated.includes(what));
  return [
    ...(isEstimated('monitors')
      ? [['~ is an estimate: this server does not tell idle heartbeats from pooled connections.']]
      : []),
    ...clientsLines(clientsBy(report, by)),
    ...unsignedLines(sources),
    ...(isEstimated('users') && by === 'user'
      ? [['Users are incomplete: this server does not tell those of idle connections.']]
      : []),
  ];
}

/** What `?` and `≥` mean, where a row has them. */
export function clientsLines(shown: readonly Clients[]): readonly Phrase[] {
  return [
    ...(shown.some(({ clients }) => clients === null)
      ? [['? is unknown: drivers that poll do not tell how many clients there are.']]
      : []),
    ...(shown.some(({ clientsAtLeast }) => clientsAtLeast === true)
      ? [['≥ is a lower bound: there are connections that so many clients do not explain.']]
      : []),
  ];
}

/** Connections on which nobody signed in. */
export function unsignedLines(sources: readonly ConnectionSource[]): readonly Phrase[] {
  const many = neverAuthenticated(sources);
  return many === 0
    ? []
    : [[`${counted(many, 'dormant connection')} never authenticated, and no heartbeat explains them.`]];
}
