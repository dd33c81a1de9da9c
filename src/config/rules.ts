// The rules of a YAML file in the core's format: reports every problem, and fills in defaults.

import { z } from 'zod';
import { parseDuration } from '../core/base/duration.ts';
import type { Problem } from '../core/base/problem.ts';
import type { Readings, SettingKind } from '../core/detection/rule.ts';
import {
  contradictionOf,
  DEFAULT_RULES,
  patched,
  RULE_NAMES,
  RULES,
  type RuleBook,
  type RuleName,
  type RulePatch,
} from '../core/detection/rules.ts';
import { ConfigError } from '../errors.ts';
import { problemsOf } from './issues.ts';
import { channelId, httpUrl, oneOf, pattern, section, text } from './schemas.ts';
import { parseYaml } from './yaml.ts';

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

/** One schema for each kind of rule setting. */
const KINDS: Readonly<Record<SettingKind, z.ZodType>> = {
  positive,
  ratio,
  share,
  readings,
  severity: oneOf(['warning', 'critical']),
};

function rule(settings: Readonly<Record<string, SettingKind>>) {
  const shape = Object.fromEntries(Object.entries(settings).map(([name, kind]) => [name, KINDS[kind].optional()]));
  return z
    .union([off, section(shape)], { error: 'Expected off, or parameters such as { ratio: 2.5, minimum: 30 }.' })
    .optional();
}

const shapes = {
  ...(Object.fromEntries(RULE_NAMES.map((name) => [name, rule(RULES[name].settings)])) as Record<
    RuleName,
    ReturnType<typeof rule>
  >),
  repeat: period.optional(),
};
const glob = pattern.optional();
/** The owner and the destination of alerts. */
const routed = { channel: channelId.optional(), owner: text.optional(), runbook: httpUrl.optional() };
const override = section({ ...shapes, ...routed, source: glob, cluster: glob, node: glob });

/** The mapping `rules` of the YAML file. */
export const rulesSection = section({ ...shapes, overrides: z.array(override).optional() });
export type RulesSettings = z.infer<typeof rulesSection>;

type Settings = z.infer<ReturnType<typeof section<typeof shapes>>>;

/** The active rules. `problems` lists settings that contradict each other. */
export function bookOf(
  settings: RulesSettings,
  fileName: string,
): { readonly book: RuleBook; readonly problems: readonly Problem[] } {
  const { overrides = [], ...own } = settings;
  const patch = patchOf(own);
  const book = {
    rules: patched(DEFAULT_RULES, patch),
    overrides: overrides.map(({ source = null, cluster = null, node = null, ...set }) => ({
      source,
      cluster,
      node,
      rules: patchOf(set),
    })),
  };
  return { book, problems: contradictions({ patch, book, name: fileName }) };
}

/** Throws ConfigError with every problem. `name` is the file's name in problems. */
export function readRules(name: string, source: string): RuleBook {
  const { data, problems: invalid } = parseYaml(name, source);
  if (invalid.length > 0) throw new ConfigError(invalid);
  const result = z.object({ rules: rulesSection }).safeParse(data);
  if (!result.success)
    throw new ConfigError(problemsOf({ issues: result.error.issues, data, file: name }).map(({ problem }) => problem));
  const { book, problems } = bookOf(result.data.rules, name);
  if (problems.length > 0) throw new ConfigError(problems);
  return book;
}

/** Only the settings that are present. */
function patchOf(settings: Settings): RulePatch {
  const set = RULE_NAMES.flatMap((name) => {
    const setting = settings[name];
    if (setting === undefined) return [];
    return [[name, setting === 'off' || setting === false ? null : defined(setting)]];
  });
  return { ...Object.fromEntries(set), ...(settings.repeat !== undefined && { repeat: settings.repeat }) };
}

function defined(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Settings that are valid individually but contradict each other. */
function contradictions(input: {
  readonly patch: RulePatch;
  readonly book: RuleBook;
  readonly name: string;
}): readonly Problem[] {
  const { rules, overrides } = input.book;
  const parts = [
    { at: 'rules', patch: input.patch, inForce: rules },
    ...overrides.map((own, index) => ({
      at: `rules.overrides[${index}]`,
      patch: own.rules,
      inForce: patched(rules, own.rules),
    })),
  ];
  return parts.flatMap(({ at, patch, inForce }) =>
    RULE_NAMES.flatMap((name): readonly Problem[] => {
      const found = contradictionOf(name, patch, inForce);
      if (found === null) return [];
      const text = `${at}.${name}.${found.setting} in ${input.name} ${found.found}.`;
      return [{ code: 'setting', text, remedy: found.remedy }];
    }),
  );
}
