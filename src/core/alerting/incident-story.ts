// The story of an incident: which of its alerts tells it, and what the others add.

import type { RuleName } from '../detection/rules.ts';
import { isAtLimit, MOST_CHANGES } from '../evidence/evidence.ts';
import { type Alert, isOpen } from './alert.ts';

/**
 * The main alert with what the message of its incident says: when it was checked, and the evidence of all alerts.
 * `foundBy`: the alert whose reading found the culprits; their figures are those on its node.
 */
export function toldBy(main: Alert, members: readonly Alert[]): { readonly alert: Alert; readonly foundBy: Alert } {
  const foundBy = finderOf(main, members);
  const alert = { ...main, judgedAt: checkedAt(members), evidence: evidenceOf(main, members, foundBy) };
  return { alert, foundBy };
}

/** The message is checked with each of its alerts: a source waits for the next reading, a node for the next look. */
export function checkedAt(members: readonly Alert[]): number {
  return Math.max(...members.map(({ judgedAt }) => judgedAt));
}

/** A node that fills up after another one was not read yet: who fills it is known from the others. */
function finderOf(main: Alert, members: readonly Alert[]): Alert {
  const readAt = ({ evidence }: Alert) => evidence?.readAt ?? 0;
  if (main.evidence === null || main.evidence.readAt !== null) return main;
  const others = members.filter(({ evidence }) => (evidence?.culprits.length ?? 0) > 0);
  const rank = ({ source }: Alert) => (source === null ? 1 : 0);
  return others.toSorted((a, b) => readAt(b) - readAt(a) || rank(a) - rank(b))[0] ?? main;
}

/**
 * The evidence of the main alert with all that changed and all who were hurt; of a source's, with the newest figures of
 * its node.
 */
function evidenceOf(
  { evidence, node: own }: Alert,
  members: readonly Alert[],
  { evidence: found }: Alert,
): Alert['evidence'] {
  if (evidence === null || found === null) return null;
  const { culprits, doNow, thenFix, readAt } = found;
  const all = members.flatMap((member) => (member.evidence === null ? [] : [member.evidence]));
  const seen = all.flatMap(({ node }) => (node?.host === evidence.node?.host && node !== null ? [node] : []));
  const newest = seen.reduce((last, one) => (one.at > (last?.at ?? 0) ? one : last), evidence.node);
  const node = own === null ? newest : evidence.node;
  const hurt = new Map(
    all
      .flatMap((one) => one.hurt)
      .toSorted((a, b) => b.now - a.now)
      .map((victim) => [victim.source, victim]),
  );
  const changed = [...new Set([...evidence.changed, ...all.flatMap((one) => one.changed)])].slice(0, MOST_CHANGES);
  return { ...evidence, culprits, doNow, thenFix, readAt, node, changed, hurt: [...hurt.values()] };
}

/** The alert that tells the story: open and still above its line, critical, not seen to yet, a node before sources. */
export function mainOf(members: readonly Alert[]): Alert | null {
  return members.toSorted(byUrgency)[0] ?? null;
}

const STORY: readonly RuleName[] = ['node-headroom', 'rejected'];

const isFull = ({ evidence }: Alert) => evidence !== null && evidence.node !== null && isAtLimit(evidence.node);

/** The most urgent first. */
export function byUrgency(a: Alert, b: Alert): number {
  const story = ({ rule }: Alert) => (STORY.includes(rule) ? STORY.indexOf(rule) : STORY.length);
  const ranks = (alert: Alert) => [
    isOpen(alert) ? 0 : 1,
    alert.calmSince === null ? 0 : 1,
    alert.severity === 'critical' ? 0 : 1,
    alert.state === 'firing' ? 0 : 1,
    story(alert),
    isFull(alert) ? 0 : 1,
    alert.since,
  ];
  const [first, second] = [ranks(a), ranks(b)];
  return first.map((rank, index) => rank - (second[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
}
