// Rules about writes, tags and names.

import { isSlip } from '../base/fuzzy-match.ts';
import { isDefaultAppName } from '../drivers/app-names.ts';
import { type LintRule, withOption, without } from './rule.ts';
import type { LintSubject } from './subject.ts';

const ATLAS = 'Atlas documentation';

/** https://www.mongodb.com/docs/atlas/reference/replica-set-tags/ */
const TAGS: Readonly<Record<string, readonly string[]>> = {
  nodeType: ['ELECTABLE', 'READ_ONLY', 'ANALYTICS'],
  workloadType: ['OPERATIONAL'],
  provider: ['AWS', 'GCP', 'AZURE'],
};
/** Bytes of UTF-8. Specification of the handshake. */
const LONGEST_NAME = 128;

export const SAFETY_RULES: readonly LintRule[] = [
  {
    id: 'retry-writes-off',
    severity: 'warning',
    source: 'URI options specification',
    find: ({ flag, hosts }) =>
      flag('retryWrites') === false && !hosts.some(({ name }) => isOtherProduct(name))
        ? {
            text: 'retryWrites=false: a write fails at each election and each short break of the network.',
            fix: 'Remove retryWrites (the default is true).',
          }
        : null,
    repair: (draft) => without(draft, 'retryWrites'),
  },
  {
    id: 'write-concern-weak',
    severity: 'warning',
    source: 'URI options specification',
    find: ({ figure }) => {
      const w = figure('w');
      if (w !== 0 && w !== 1) return null;
      const what = w === 0 ? 'nobody learns of a write that failed' : 'a write can be lost at an election';
      return { text: `w=${w}: ${what}.`, fix: 'Remove w: the default of servers since 5.0 is majority.' };
    },
    repair: (draft) => without(draft, 'w'),
  },
  {
    id: 'write-concern-unknown',
    severity: 'error',
    source: 'measured',
    find: ({ text, isAtlas }) => {
      const w = text('w');
      if (w === null || w === 'majority') return null;
      const isTypo = isSlip(w, 'majority') || /^["']?(?:majority|all|max)\b/i.test(w);
      return {
        text: 'The option w names a write concern of its own. Every write fails where the servers do not have it.',
        fix: 'Write w=majority.',
        ...(isTypo || isAtlas ? {} : { severity: 'info' }),
      };
    },
    repair: (draft, { isAtlas, text }) => {
      if (isAtlas || isSlip(text('w') ?? '', 'majority')) withOption(draft, 'w', 'majority');
    },
  },
  {
    id: 'tag-value-case',
    severity: 'warning',
    source: ATLAS,
    find: ({ settings }) =>
      tagsIn(settings).flatMap(([name, value]) => {
        const meant = meantTag(name, value);
        return meant === null
          ? []
          : [{ text: 'A tag of Atlas is in the wrong case, so that it matches no member.', fix: `Write ${meant}.` }];
      }),
  },
  {
    id: 'tags-no-fallback',
    severity: 'info',
    source: 'server selection specification',
    find: ({ settings, text }) => {
      const tags = settings.filter(({ option }) => option.name === 'readPreferenceTags');
      const isEmpty = tags.some(({ raw }) => raw === '');
      return tags.length === 0 || isEmpty || text('readPreference') === 'secondaryPreferred'
        ? null
        : {
            text: 'Reads fail while no member has these tags, for example when its node is replaced.',
            fix: 'Add an empty readPreferenceTags= at the end, which means any member.',
          };
    },
  },
  {
    id: 'app-name-missing',
    severity: 'info',
    source: ATLAS,
    find: ({ has, anatomy }) =>
      has('appName') || anatomy.isUnsafe
        ? null
        : {
            text: 'appName is not set. Logs, the profiler and atlas-conns show the application without a name.',
            fix: 'Add appName=NAME, one for each application.',
          },
    repair: (draft) => withOption(draft, 'appName', '<application>'),
  },
  {
    id: 'app-name-default',
    severity: 'warning',
    source: ATLAS,
    find: (subject) =>
      hasDefaultName(subject)
        ? {
            text: 'Atlas or a tool filled in this appName, so that several applications have the same one.',
            fix: 'Write appName=NAME, one for each application.',
          }
        : null,
    repair: (draft) => withOption(draft, 'appName', '<application>'),
  },
  {
    id: 'app-name-too-long',
    severity: 'warning',
    source: 'measured',
    find: ({ text }) =>
      new TextEncoder().encode(text('appName') ?? '').length > LONGEST_NAME
        ? {
            text: 'The appName is longer than 128 bytes. Node.js cuts it off, and PyMongo sends none.',
            fix: 'Write a name of at most 128 bytes.',
          }
        : null,
    repair: (draft) => withOption(draft, 'appName', '<application>'),
  },
];

/** They speak MongoDB's protocol, and know no retryable writes. */
export function isOtherProduct(name: string): boolean {
  return /\.(?:docdb(?:-elastic)?\.amazonaws\.com(?:\.cn)?|cosmos\.azure\.(?:com|cn)|cosmosdb\.azure\.com|documents\.azure\.com)$/i.test(
    name,
  );
}

function tagsIn(settings: LintSubject['settings']): readonly (readonly [string, string])[] {
  return settings.flatMap(({ option, value }) =>
    option.name === 'readPreferenceTags' && typeof value === 'object' && value !== null
      ? Object.entries(value).map(([name, text]) => [name, String(text)] as const)
      : [],
  );
}

/** The tag as Atlas writes it, where only the case differs; null otherwise. */
function meantTag(name: string, value: string): string | null {
  const key = Object.keys(TAGS).find((known) => known.toLowerCase() === name.toLowerCase());
  if (key === undefined) return null;
  const word = TAGS[key]?.find((known) => known.toLowerCase() === value.toLowerCase());
  if (word === undefined) return key === name ? null : `${key}:VALUE`;
  return key === name && word === value ? null : `${key}:${word}`;
}

function hasDefaultName({ text, srv, hosts, isAtlas }: LintSubject): boolean {
  const name = text('appName');
  return name !== null && isDefaultAppName(name, srv && isAtlas ? (hosts[0]?.name.split('.')[0] ?? null) : null);
}
