// Rules about options that contradict one another or the rest of the string.

import { type LintRule, type Said, withOption, without } from './rule.ts';
import type { LintSubject } from './subject.ts';

const URI = 'URI options specification';
const SRV = 'SRV specification';

/** Each pair is an error, whatever the values are. */
const TLS_PAIRS: readonly (readonly [string, string])[] = [
  ['tlsInsecure', 'tlsAllowInvalidCertificates'],
  ['tlsInsecure', 'tlsAllowInvalidHostnames'],
  ['tlsInsecure', 'tlsDisableCertificateRevocationCheck'],
  ['tlsInsecure', 'tlsDisableOCSPEndpointCheck'],
  ['tlsAllowInvalidCertificates', 'tlsDisableCertificateRevocationCheck'],
  ['tlsAllowInvalidCertificates', 'tlsDisableOCSPEndpointCheck'],
  ['tlsDisableCertificateRevocationCheck', 'tlsDisableOCSPEndpointCheck'],
];

export const CONFLICT_RULES: readonly LintRule[] = [
  {
    id: 'conflict-tls',
    severity: 'error',
    breaks: true,
    source: URI,
    find: (subject) => [
      ...(isTlsTwice(subject)
        ? [{ text: 'The options tls and ssl are the same, and contradict each other.', fix: 'Keep tls=true alone.' }]
        : []),
      ...TLS_PAIRS.filter((pair) => pair.every((name) => subject.has(name))).map(([one, other]) => ({
        text: `The options ${one} and ${other} may not stand together, whatever their values are.`,
        fix: `Keep one of them; without both, every check is made.`,
      })),
    ],
    repair: (draft, subject) => {
      if (isTlsTwice(subject)) {
        without(draft, 'ssl');
        withOption(draft, 'tls', 'true');
      }
      for (const pair of TLS_PAIRS) if (pair.every((name) => subject.has(name))) without(draft, ...pair);
    },
  },
  {
    id: 'conflict-direct-hosts',
    severity: 'error',
    breaks: true,
    source: URI,
    find: ({ srv, hosts, flag }) =>
      !srv && hosts.length > 1 && flag('directConnection') === true
        ? {
            text: 'directConnection=true is for one host, and there are several.',
            fix: 'Remove directConnection, or all hosts but one.',
          }
        : null,
    repair: (draft) => without(draft, 'directConnection'),
  },
  {
    id: 'conflict-direct-srv',
    severity: 'error',
    breaks: true,
    source: URI,
    find: ({ srv, flag }) =>
      srv && flag('directConnection') === true
        ? {
            text: 'directConnection=true cannot stand in a mongodb+srv:// string.',
            fix: 'Remove directConnection, or write mongodb:// with the one host and its port.',
          }
        : null,
    repair: (draft) => without(draft, 'directConnection'),
  },
  {
    id: 'conflict-srv-max-hosts',
    severity: 'error',
    breaks: true,
    source: SRV,
    find: ({ srv, has, flag, figure }) => {
      const isOn = srv && (figure('srvMaxHosts') ?? 0) > 0;
      const other = has('replicaSet') ? 'replicaSet' : flag('loadBalanced') === true ? 'loadBalanced=true' : null;
      return isOn && other !== null
        ? {
            text: `srvMaxHosts is for the mongos of a sharded cluster, and cannot stand beside ${other}.`,
            fix: `Remove srvMaxHosts, or ${other}.`,
          }
        : null;
    },
    repair: (draft) => without(draft, 'srvMaxHosts'),
  },
  {
    id: 'conflict-load-balanced',
    severity: 'error',
    breaks: true,
    source: URI,
    find: ({ hosts, flag, has }) => {
      if (flag('loadBalanced') !== true) return null;
      const others = [
        ...(hosts.length > 1 ? ['a second host'] : []),
        ...(has('replicaSet') ? ['replicaSet'] : []),
        ...(flag('directConnection') === true ? ['directConnection=true'] : []),
      ];
      return others.map((other) => ({
        text: `loadBalanced=true cannot stand beside ${other}.`,
        fix: 'Remove loadBalanced, unless a load balancer stands before the servers.',
      }));
    },
    repair: (draft) => without(draft, 'loadBalanced'),
  },
  {
    id: 'conflict-srv-option-without-srv',
    severity: 'error',
    breaks: true,
    source: SRV,
    find: ({ srv, settings }) =>
      srv
        ? null
        : settings
            .filter(({ option, value }) => option.needsSrv && option.isSpecified && value !== null && value !== 0)
            .map(({ option }) => ({
              text: `The option ${option.name} is for mongodb+srv:// strings only.`,
              fix: `Remove ${option.name}, or use mongodb+srv://.`,
            })),
    repair: (draft) => without(draft, 'srvMaxHosts', 'srvServiceName'),
  },
  {
    id: 'conflict-proxy',
    severity: 'error',
    breaks: true,
    source: URI,
    find: (subject) => proxyConflicts(subject),
    repair: (draft, { has }) => {
      if (has('proxyHost')) without(draft, 'proxyUsername', 'proxyPassword');
      else without(draft, 'proxyPort', 'proxyUsername', 'proxyPassword');
    },
  },
  {
    id: 'conflict-read-preference',
    severity: 'error',
    source: 'server selection specification',
    find: (subject) => primaryConflict(subject),
    repair: (draft, { has }) => {
      if (has('readPreferenceTags')) withOption(draft, 'readPreference', 'secondary');
      else without(draft, 'maxStalenessSeconds');
    },
  },
];

function isTlsTwice({ settings }: LintSubject): boolean {
  const flags = settings
    .filter(({ option }) => option.name === 'tls' || option.name === 'ssl')
    .map(({ value }) => value);
  return flags.includes(true) && flags.includes(false);
}

function proxyConflicts({ has }: LintSubject): readonly Said[] {
  const said: Said[] = [];
  if (['proxyPort', 'proxyUsername', 'proxyPassword'].some(has) && !has('proxyHost'))
    said.push({ text: 'Options of a proxy stand without proxyHost.', fix: 'Add proxyHost, or remove them.' });
  if (has('proxyUsername') !== has('proxyPassword'))
    said.push({ text: 'Only one of proxyUsername and proxyPassword is there.', fix: 'Write both, or neither.' });
  return said;
}

/** Drivers refuse it at the start or at the first read. The default mode is primary. */
function primaryConflict({ text, setting, figure, has }: LintSubject): Said | null {
  const mode = text('readPreference');
  if (mode === null ? has('readPreference') : mode !== 'primary') return null;
  const tags = setting('readPreferenceTags')?.value;
  const hasTags = typeof tags === 'object' && tags !== null && Object.keys(tags).length > 0;
  const hasStaleness = (figure('maxStalenessSeconds') ?? -1) >= 90;
  if (!hasTags && !hasStaleness) return null;
  const name = hasTags ? 'readPreferenceTags' : 'maxStalenessSeconds';
  return {
    text: `${name} needs another mode than primary${mode === null ? ', which is the default' : ''}.`,
    fix: `Add readPreference=secondary or secondaryPreferred, or remove ${name}.`,
    breaks: mode === 'primary' && hasTags,
  };
}
