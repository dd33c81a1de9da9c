// The YAML file: parses it, fills in each ${VARIABLE}, and validates it.

import { z } from 'zod';
import type { Problem } from '../core/base/problem.ts';
import { DEFAULT_BOOK, type RuleBook } from '../core/detection/rules.ts';
import { fallbackSection, routesSection } from './alert-routes.ts';
import type { Environment } from './environment.ts';
import { type Path, problemsOf, settingName } from './issues.ts';
import { poolsSection } from './pools.ts';
import { bookOf, rulesSection } from './rules.ts';
import { scheduleSection } from './schedule.ts';
import { channelId, clusterName, httpUrl, labelCidr, mongodbUri, oneOf, projectId, section, text } from './schemas.ts';
import { healthSection, keepSection } from './storage-and-health.ts';
import { parseYaml } from './yaml.ts';

/**
 * What a command needs; other settings may be missing. `slack-if-set` checks Slack if any of its settings is present,
 * and returns missing ones with the settings.
 */
export type Need = 'clusters' | 'slack' | 'slack-if-set' | 'store';

const people = section({
  users: z.array(text).optional(),
  groups: z.array(text).optional(),
  channels: z.array(text).optional(),
});

const project = section({
  id: projectId.optional(),
  clientId: text.optional(),
  clientSecret: text.optional(),
  publicKey: text.optional(),
  privateKey: text.optional(),
  username: text.optional(),
  password: text.optional(),
  connection: oneOf(['standard', 'private', 'private-endpoint']).optional(),
  clusters: z
    .array(
      z.union([clusterName, section({ name: clusterName, uri: mongodbUri })], {
        error: 'Expected a name, a pattern such as "stage-*", or { name, uri }.',
      }),
    )
    .min(1, { error: 'Expected at least one cluster; leave the key out for all of the project.' })
    .optional(),
});

const schema = section({
  default: clusterName.optional(),
  projects: z.array(project).min(1, { error: 'Expected at least one project.' }).optional(),
  labels: z
    .array(
      section({
        cidr: labelCidr,
        name: text,
        owner: text.optional(),
        runbook: httpUrl.optional(),
        channel: channelId.optional(),
      }),
    )
    .optional(),
  rules: rulesSection.optional(),
  schedule: scheduleSection.optional(),
  slack: section({
    command: text.regex(/^\/\S+$/, { error: 'Expected a slash command such as /atlas-conns.' }).optional(),
    channel: channelId.optional(),
    critical: section({ channel: channelId.optional(), mention: text.optional() }).optional(),
    routes: routesSection.optional(),
    fallback: fallbackSection.optional(),
    read: people.optional(),
    act: people.optional(),
  }).optional(),
  store: section({
    uri: mongodbUri.optional(),
    keep: keepSection.optional(),
  }).optional(),
  health: healthSection.optional(),
  pools: poolsSection.optional(),
});

export type FileSettings = z.infer<typeof schema>;
export type FileProject = z.infer<typeof project>;

/** The needs that each part of the file belongs to. Its variables must be set only for those. */
const NEEDED_BY: Readonly<Record<string, Need>> = { projects: 'clusters', slack: 'slack', store: 'store' };

export interface FileRead {
  readonly settings: FileSettings;
  readonly book: RuleBook;
  /** As written, with the variables filled in. Redaction searches it for secrets. */
  readonly data: unknown;
  /** Variables in the file, set or not. */
  readonly used: readonly string[];
  readonly problems: readonly Problem[];
}

/** The result without a file, or without a readable one. */
const NOTHING = { settings: {}, book: DEFAULT_BOOK, data: null, used: [] } as const;

/** Parses the file's text. `name` is the file's name in problems. Never throws: faults are in `problems`. */
export function readFileSettings(input: {
  readonly name: string;
  readonly source: string;
  readonly env: Environment;
  readonly needs: readonly Need[];
}): FileRead {
  const { name, needs } = input;
  const parsed = parseYaml(name, input.source);
  if (parsed.problems.length > 0) return { ...NOTHING, problems: parsed.problems };

  const unset = new Map<string, Problem>();
  const isNeeded = (part: string) => {
    const need = NEEDED_BY[part];
    // A part in the file counts as set.
    return need === undefined || needs.includes(need) || (need === 'slack' && needs.includes('slack-if-set'));
  };
  const used = new Set<string>();
  const data = filled(parsed.data ?? {}, [], (path, variable) => {
    used.add(variable);
    const value = input.env[variable]?.trim();
    if (value !== undefined && value !== '') return value;
    if (isNeeded(String(path[0]))) unset.set(settingName(path), unsetVariable({ name, path, variable }));
    return null;
  });
  return { ...checked({ name, data, unset, isNeeded }), used: [...used] };
}

function checked(input: {
  readonly name: string;
  readonly data: unknown;
  readonly unset: ReadonlyMap<string, Problem>;
  readonly isNeeded: (part: string) => boolean;
}): Omit<FileRead, 'used'> {
  const { name, data, unset, isNeeded } = input;
  const { book, problems: contradictions } = bookIn(data, name);
  const result = schema.safeParse(data);
  const found = result.success ? [] : problemsOf({ issues: result.error.issues, data, file: name });
  // The unset variable is already reported; its missing setting is not a second problem.
  const wrong = found.filter(({ part, missing, setting }) => !missing || (isNeeded(part) && !unset.has(setting)));
  const problems = [...unset.values(), ...wrong.map(({ problem }) => problem), ...contradictions];
  if (result.success) return { settings: result.data, book, data, problems };
  if (problems.length > 0) return { settings: {}, book, data, problems };
  // The command does not need the parts with missing settings, and continues without them.
  const parts = new Set(found.map(({ part }) => part));
  const rest = schema.parse(Object.fromEntries(Object.entries(Object(data)).filter(([part]) => !parts.has(part))));
  return { settings: rest, book, data, problems };
}

/** Separate, so that contradictions between rules are reported with all other problems. */
function bookIn(data: unknown, name: string): ReturnType<typeof bookOf> {
  const settings = z.object({ rules: rulesSection }).safeParse(data);
  return settings.success ? bookOf(settings.data.rules, name) : { book: DEFAULT_BOOK, problems: [] };
}

/**
 * Fills `${VARIABLE}` into every string after parsing, so that no value can become YAML. An unset variable removes its
 * key.
 */
function filled(value: unknown, path: Path, variableValue: (path: Path, variable: string) => string | null): unknown {
  if (typeof value === 'string') {
    let isUnset = false;
    const whole = value.replace(/\$\{(\w+)\}/g, (_, variable: string) => {
      const found = variableValue(path, variable);
      isUnset ||= found === null;
      return found ?? '';
    });
    return isUnset || whole === '' ? undefined : whole;
  }
  if (Array.isArray(value)) return value.map((item, index) => filled(item, [...path, index], variableValue));
  if (typeof value !== 'object' || value === null) return value ?? undefined;
  const entries = Object.entries(value).map(([key, item]) => [key, filled(item, [...path, key], variableValue)]);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

function unsetVariable(found: { name: string; path: Path; variable: string }): Problem {
  return {
    code: 'setting',
    text: `${settingName(found.path)} in ${found.name} uses \${${found.variable}}, which is not set.`,
    remedy: `Set ${found.variable} in the environment or in .env.`,
  };
}
