// Schedules of readings: cron expressions and their validation.

import { z } from 'zod';
import type { Schedules } from '../core/ports/monitor.ts';
import { text } from './schemas.ts';

const EVERY_FIVE_MINUTES = '*/5 * * * *';
const EXPECTED = `Expected a cron expression of five fields, e.g. ${EVERY_FIVE_MINUTES}`;

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** Names of the values; three letters are enough. */
  readonly words: readonly string[];
}

const months = 'january february march april may june july august september october november december'.split(' ');
const days = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');
const FIELDS: readonly Field[] = [
  { name: 'second', least: 0, most: 59, words: [] },
  { name: 'minute', least: 0, most: 59, words: [] },
  { name: 'hour', least: 0, most: 23, words: [] },
  { name: 'day of month', least: 1, most: 31, words: [] },
  { name: 'month', least: 1, most: 12, words: months },
  { name: 'day of week', least: 0, most: 7, words: days },
];

/**
 * The fault of an expression, for people; null if it is valid.
 * @internal
 */
export function wrongWith(expression: string): string | null {
  const given = expression.trim().split(/\s+/);
  if (given.length !== 5 && given.length !== 6) return `${EXPECTED}.`;
  const wrong = FIELDS.slice(-given.length).flatMap((field, index) => {
    const value = given[index] ?? '';
    return value.split(',').every((part) => isPart(part, field)) ? [] : [`"${value}" is not a valid ${nameOf(field)}`];
  });
  return wrong.length === 0 ? null : `${EXPECTED}; ${wrong.join(', ')}.`;
}

// A value, a range, or `*`; a step needs a range or `*`.
function isPart(part: string, { least, most, words }: Field): boolean {
  const { from, to, step } = /^(?<from>\*|\w+)(?:-(?<to>\w+))?(?:\/(?<step>[1-9]\d?))?$/.exec(part)?.groups ?? {};
  if (from === undefined || (from === '*' && to !== undefined)) return false;
  if (step !== undefined && from !== '*' && to === undefined) return false;
  const isValue = (value: string) =>
    /^\d{1,2}$/.test(value)
      ? Number(value) >= least && Number(value) <= most
      : words.some((word) => word === value.toLowerCase() || word.slice(0, 3) === value.toLowerCase());
  return (from === '*' || isValue(from)) && (to === undefined || isValue(to));
}

function nameOf({ name, least, most }: Field): string {
  return `${name} (${least} to ${most})`;
}

const expression = text.superRefine((value, context) => {
  const message = wrongWith(value);
  if (message !== null) context.addIssue({ code: 'custom', message });
});

/** One schedule for all clusters, or one for each cluster glob. */
export const scheduleSection = z.union([expression, z.record(z.string(), expression)], {
  error: ({ input }) =>
    (typeof input === 'string' ? wrongWith(input) : null) ??
    `${EXPECTED}, or one for each cluster: { default: …, "stage-*": … }.`,
});

export function schedulesOf(setting: z.infer<typeof scheduleSection> | undefined): Schedules {
  if (setting === undefined || typeof setting === 'string')
    return { default: setting ?? EVERY_FIVE_MINUTES, clusters: [] };
  const { default: usual = EVERY_FIVE_MINUTES, ...clusters } = setting;
  return {
    default: usual,
    clusters: Object.entries(clusters).map(([cluster, schedule]) => ({ cluster, schedule })),
  };
}
