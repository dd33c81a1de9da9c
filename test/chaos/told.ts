// What the messages in Slack tell, against the records: the state of each alert, and how old its figures are.

import { type Alert, type AlertGroup, isOpen } from '../../src/core/alerting/alert.ts';
import { checkedAt as checkedWith, mainOf } from '../../src/core/alerting/incident-story.ts';
import { subjectName } from '../../src/core/detection/sentences.ts';
import { message } from '../../src/slack/blockkit/blocks.ts';
import type { Phrase } from '../../src/slack/blockkit/rich-text.ts';
import { markOf, stateWords, titleOf } from '../../src/slack/views/alert.ts';
import { groupTitle, incidentTitle, joinedView } from '../../src/slack/views/alert-group.ts';
import { isFields } from '../sandbox/slack/answer.ts';
import type { Message } from '../sandbox/slack/stand-in.ts';

export interface Records {
  readonly alerts: readonly Alert[];
  readonly groups: readonly AlertGroup[];
}

/** By the id of their delivery: more than one where it was posted twice. */
export type Posted = ReadonlyMap<string, readonly Message[]>;

export function postedIn(messages: readonly Message[]): Posted {
  return Map.groupBy(messages, ({ metadata }) => {
    const payload = isFields(metadata) ? metadata['event_payload'] : null;
    return isFields(payload) ? String(payload['id']) : '';
  });
}

/** A member of an incident is a row of the message of its lead, and its own message, if it had one, a line. */
export const isJoined = ({ id, lead }: Alert): boolean => lead !== null && lead !== id;
const isOfOldGroup = ({ group, lead }: Alert): boolean => group !== null && lead === null;

/**
 * Each alert and old group of which no message tells the record's state. Where a message was posted twice, the one that
 * the store knows is edited: any of them may tell the newest.
 */
export function staleIn(posted: Posted, records: Records): readonly string[] {
  const shown = records.alerts.filter((alert) => alert.shown !== null);
  const groups = records.groups.filter(({ lead }) => lead === null);
  const about = (id: string) => posted.get(`${id}/message`) ?? [];
  return [
    ...shown
      .filter((alert) => {
        const own = about(alert.id);
        if (!isJoined(alert)) return !own.some((one) => tells(one, membersOf(alert, records)));
        const isShrunk = own.length === 0 || own.some(({ text }) => firstLine(text).startsWith(joinedLine(alert)));
        return !isShrunk || !about(alert.lead ?? '').some((one) => hasRow(one, alert, records));
      })
      .map((alert) => `${alert.id} is ${alert.state}`),
    ...groups
      .filter((group) => {
        const alerts = records.alerts.filter((alert) => alert.group === group.id);
        return !about(group.id).some(({ text }) => firstLine(text) === textOf(groupTitle(group, alerts)));
      })
      .map(({ id }) => `${id} is a group`),
  ];
}

/** The alert alone, or all alerts of the incident that it leads. */
function membersOf(alert: Alert, { alerts, groups }: Records): readonly Alert[] {
  const group = isOfOldGroup(alert) ? undefined : groups.find(({ id }) => id === alert.group);
  return group === undefined ? [alert] : alerts.filter(({ id }) => group.alerts.includes(id));
}

const MOVED = '§';

/** The figure of an open alert may be a tenth away from its record's: it is not always edited for less. */
function tells({ text }: Message, members: readonly Alert[]): boolean {
  const [before, after] = aroundFigure(members);
  const line = withoutTimes(firstLine(text));
  return line.startsWith(before) && line.endsWith(after);
}

/** The title before and after the figure of its alert. */
function aroundFigure(members: readonly Alert[]): readonly [string, string] {
  const masked = members.map((one) => (isOpen(one) ? { ...one, what: MOVED } : one));
  const title = members.length > 1 ? incidentTitle(masked) : masked.flatMap((alert) => titleOf(alert));
  const [before = '', after = before] = withoutTimes(textOf(title)).split(MOVED);
  return [before, after];
}

/** When it resolves if it stays so is moved by a reading, and edited later. */
const withoutTimes = (line: string): string => line.replace(/ · resolves (at|with) .*$/, '');
const firstLine = (text: string): string => text.split('\n')[0] ?? '';

function textOf(phrase: Phrase): string {
  return firstLine(message({ said: [phrase], above: [], below: [] }).text);
}

/** Without the link. */
function joinedLine(alert: Alert): string {
  const { text } = joinedView({ alert, permalink: null });
  return text.slice(0, text.indexOf(': '));
}

/** Whether the table of the incident has the alert in its state; when all have ended, the title says so. */
function hasRow(shown: Message, alert: Alert, records: Records): boolean {
  const isOver = !membersOf(alert, records).some(isOpen);
  const rows = rowsOf(shown.blocks).filter(([name]) => name?.startsWith(subjectName(alert)));
  return rows.some((row) => isOver || row.at(-1) === `${markOf(alert)} ${stateWords(alert)}`);
}

function rowsOf(blocks: Message['blocks']): readonly (readonly string[])[] {
  return blocks.flatMap(({ rows }) => (Array.isArray(rows) ? rows.map((row: unknown[]) => row.map(wordsIn)) : []));
}

/** All texts in a part of a message. */
function wordsIn(part: unknown): string {
  if (Array.isArray(part)) return part.map(wordsIn).join('');
  if (!isFields(part)) return '';
  return typeof part['text'] === 'string' ? part['text'] : Object.values(part).map(wordsIn).join('');
}

// How old the figures of a message may be.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Readings are seconds late. */
const TOLERANCE = MINUTE / 4;

/**
 * Messages of open alerts that show older figures than they may: older than a minute in the first hour, later than a
 * quarter of an hour, or a tenth away.
 */
export function agedIn(posted: Posted, records: Records): readonly string[] {
  const leads = records.alerts.filter((alert) => alert.shown !== null && !isJoined(alert));
  return leads.flatMap((lead) => {
    const members = membersOf(lead, records);
    const main = mainOf(members);
    const messages = posted.get(`${lead.id}/message`) ?? [];
    if (main === null || !isOpen(main) || messages.some((one) => isFresh(one, main, members))) return [];
    const at = (time: number) => new Date(time).toISOString().slice(11, 19);
    return [
      `${main.id} was judged at ${at(checkedWith(members))}, its message at ${messages.map(checkedAt).map(at).join()}`,
    ];
  });
}

function isFresh(shown: Message, main: Alert, members: readonly Alert[]): boolean {
  const { postedAt, since, value } = main;
  const judgedAt = checkedWith(members);
  const every = judgedAt - (postedAt ?? since) <= HOUR ? MINUTE : 15 * MINUTE;
  const told = figureIn(shown, members);
  const isNear = told === null || told === value || Math.abs(value - told) < Math.abs(told) / 10;
  return isNear && Math.floor(judgedAt / 1_000) * 1_000 - checkedAt(shown) < every - TOLERANCE;
}

/** When the figures were judged, in milliseconds since 1970; 0 where it does not say. */
function checkedAt({ blocks }: Message): number {
  const [, seconds = '0'] = /last checked <!date\^(\d+)\^/.exec(wordsIn(blocks)) ?? [];
  return Number(seconds) * 1_000;
}

/** The figure in the title; null where it has none. */
function figureIn({ text }: Message, members: readonly Alert[]): number | null {
  const [before] = aroundFigure(members);
  const [digits = null] = /^[\d,]+/.exec(firstLine(text).slice(before.length)) ?? [];
  return digits === null ? null : Number(digits.replaceAll(',', ''));
}
