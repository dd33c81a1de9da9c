// The rules of a YAML file: every problem named, defaults filled in, as the core knows them.

import { parseDocument } from 'yaml';
import { z } from 'zod';
import { parseDuration } from '../core/duration.ts';
import { DEFAULT_RULES, DEFAULT_THRESHOLD_READINGS, type Readings, type RuleBook, type Rules } from '../core/rule.ts';
import { ConfigError } from '../errors.ts';
import { problemsOf } from './issues.ts';
import { section } from './shapes.ts';

const positive = z.number({ error: 'Expected a number above 0.' }).positive({ error: 'Expected a number above 0.' });
const ratio = z.number({ error: 'Expected a number above 1.' }).gt(1, { error: 'Expected a number above 1.' });
const MOST = 24;

const readings = z.string({ error: 'Expected text such as "2 of 3".' }).transform((text, context): Readings => {
  const groups = /^(?<needed>\d+) of (?<of>\d+)$/.exec(text.trim())?.groups;
  const [needed, of] = [Number(groups?.['needed'] ?? 0), Number(groups?.['of'] ?? 0)];
  if (needed >= 1 && needed <= of && of <= MOST) return { needed, of };
  context.addIssue({ code: 'custom', message: `Expected text such as "2 of 3", of at most ${MOST}.` });
  return z.NEVER;
});

const share = z
  .union(
    [
      z.number(),
      z
        .string()
        .regex(/^\d+(?:\.\d+)? ?%$/)
        .transform((text) => Number.parseFloat(text) / 100),
    ],
    {
      error: 'Expected a share such as 80% or 0.8.',
    },
  )
  .refine((value) => value > 0 && value <= 1, { error: 'Expected a share such as 80% or 0.8.' });

const period = z.string({ error: 'Expected a duration such as 4h.' }).transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== null) return ms;
  context.addIssue({ code: 'custom', message: 'Expected a duration such as 4h.' });
  return z.NEVER;
});

const off = z.union([z.literal('off'), z.literal(false)]);

function rule<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z
    .union([off, section(shape)], { error: 'Expected off, or parameters such as { ratio: 2.5, minimum: 30 }.' })
    .optional();
}

const counted = { readings: readings.optional() };
const spike = {
  ...counted,
  ratio: ratio.optional(),
  minimum: positive.optional(),
  clear: ratio.optional(),
  slowRatio: ratio.optional(),
  slowReadings: readings.optional(),
};
const rising = { ...counted, ratio: ratio.optional(), minimum: positive.optional() };
const shapes = {
  'dormant-spike': rule(spike),
  'pooled-spike': rule(spike),
  'dormant-threshold': rule({ ...counted, limit: positive }),
  'node-headroom': rule({ warning: share.optional(), critical: share.optional() }),
  rejected: rule({}),
  churn: rule(rising),
  clients: rule(rising),
  'new-source': rule({ ...counted, minimum: positive.optional() }),
  unreadable: rule(counted),
  repeat: period.optional(),
};
const glob = z.string({ error: 'Expected text; what looks like a number needs quotes.' }).min(1).optional();
const override = section({ ...shapes, source: glob, cluster: glob, node: glob });
const schema = section({ rules: section({ ...shapes, overrides: z.array(override).optional() }) });

type Settings = z.infer<ReturnType<typeof section<typeof shapes>>>;

/** Throws ConfigError with every problem. `name` is how they call the file. */
export function readRules(name: string, source: string): RuleBook {
  const document = parseDocument(source, { prettyErrors: false });
  if (document.errors.length > 0) {
    const text = `${name} is not valid YAML (${document.errors.map(({ code }) => code).join(', ')}).`;
    throw new ConfigError([{ code: 'setting', text, remedy: 'Check the indentation and the quotes.' }]);
  }
  const data: unknown = document.toJS();
  const result = schema.safeParse(data);
  if (!result.success)
    throw new ConfigError(problemsOf({ issues: result.error.issues, data, file: name }).map(({ problem }) => problem));
  const { overrides = [], ...settings } = result.data.rules;
  const rules = { ...DEFAULT_RULES, ...rulesOf(settings, DEFAULT_RULES) };
  const book = {
    rules,
    overrides: overrides.map(({ source: id = null, cluster = null, node = null, ...own }) => ({
      source: id,
      cluster,
      node,
      rules: rulesOf(own, rules),
    })),
  };
  crossCheck(book, name);
  return book;
}

/** Only what is set: on top of `base`, or of the defaults for a rule that is off there. */
function rulesOf(settings: Settings, base: Rules): Partial<Rules> {
  const { repeat } = settings;
  const found: Record<string, unknown> = repeat === undefined ? {} : { repeat };
  const set: Partial<Rules> = {
    ...(settings['dormant-spike'] !== undefined && {
      'dormant-spike': spikeOf(settings['dormant-spike'], base['dormant-spike']),
    }),
    ...(settings['pooled-spike'] !== undefined && {
      'pooled-spike': spikeOf(settings['pooled-spike'], base['pooled-spike']),
    }),
    ...(settings['dormant-threshold'] !== undefined && {
      'dormant-threshold': merged(
        settings['dormant-threshold'],
        base['dormant-threshold'] ?? { limit: 1, readings: DEFAULT_THRESHOLD_READINGS },
      ),
    }),
    ...(settings['node-headroom'] !== undefined && {
      'node-headroom': merged(settings['node-headroom'], base['node-headroom'] ?? { warning: 0.8, critical: 0.9 }),
    }),
    ...(settings.rejected !== undefined && { rejected: merged(settings.rejected, {}) }),
    ...(settings.churn !== undefined && { churn: merged(settings.churn, base.churn ?? DEFAULT_RULES.churn) }),
    ...(settings.clients !== undefined && { clients: merged(settings.clients, base.clients ?? DEFAULT_RULES.clients) }),
    ...(settings['new-source'] !== undefined && {
      'new-source': merged(settings['new-source'], base['new-source'] ?? DEFAULT_RULES['new-source']),
    }),
    ...(settings.unreadable !== undefined && {
      unreadable: merged(settings.unreadable, base.unreadable ?? DEFAULT_RULES.unreadable),
    }),
  };
  return { ...set, ...found };
}

function merged<Rule>(setting: object | 'off' | false, base: Rule): Rule | null {
  if (setting === 'off' || setting === false) return null;
  return { ...base, ...Object.fromEntries(Object.entries(setting).filter(([, value]) => value !== undefined)) };
}

function spikeOf(
  setting: z.infer<NonNullable<(typeof shapes)['dormant-spike']>>,
  base: Rules['dormant-spike'],
): Rules['dormant-spike'] {
  if (setting === undefined || setting === 'off' || setting === false) return null;
  const { slowRatio, slowReadings, ...own } = setting;
  const held = merged(own, base ?? DEFAULT_RULES['dormant-spike']);
  if (held === null) return null;
  const slow = {
    ratio: slowRatio ?? Math.min(held.slow.ratio, held.ratio),
    readings: slowReadings ?? held.slow.readings,
  };
  // A lower line that was not set goes down with the line itself.
  return { ...held, slow, clear: own.clear ?? Math.min(held.clear, 1 + (slow.ratio - 1) * 0.7) };
}

function crossCheck({ rules, overrides }: RuleBook, name: string): void {
  const all = [
    { at: 'rules', rules },
    ...overrides.map((own, index) => ({ at: `rules.overrides[${index}]`, rules: own.rules })),
  ];
  const problems = all.flatMap(({ at, rules: held }) =>
    (['dormant-spike', 'pooled-spike'] as const).flatMap((rule) => {
      const found = held[rule];
      if (!found || found.clear < Math.min(found.ratio, found.slow.ratio)) return [];
      const text = `${at}.${rule}.clear in ${name} is ${found.clear}, not below ${Math.min(found.ratio, found.slow.ratio)}.`;
      return [{ code: 'setting', text, remedy: 'Expected less than ratio and slowRatio: the alert ends below it.' }];
    }),
  );
  if (problems.length > 0) throw new ConfigError(problems);
}
