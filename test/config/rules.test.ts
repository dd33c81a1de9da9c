// The rules of a file: what is set is set, what is not stays as it is in force, and what is wrong is named.

import { expect, test } from 'vitest';
import { readRules } from '../../src/config/rules.ts';
import { DEFAULT_RULES, rulesFor } from '../../src/core/detection/rules.ts';
import { ConfigError } from '../../src/errors.ts';

const inForce = (yaml: string, source = 'any') =>
  rulesFor(readRules('rules.yaml', yaml), { cluster: 'prod', source: [source], node: null });

function problemsOf(yaml: string): readonly string[] {
  try {
    readRules('rules.yaml', yaml);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ text, remedy }) => `${text} ${remedy}`);
  }
}

test('without settings the rules have their defaults', () => {
  expect(inForce('rules: {}')).toEqual(DEFAULT_RULES);
});

test('every rule can be set, switched off, and given a severity', () => {
  const rules = inForce(`rules:
  dormant-spike: { ratio: 4, minimum: 50, readings: 3 of 5, clear: 1.2, slowRatio: 2, slowReadings: 12 of 12, severity: critical }
  pooled-spike: off
  dormant-threshold: { limit: 500 }
  node-headroom: { warning: 70%, critical: 0.95 }
  rejected: { severity: warning }
  churn: false
  clients: { minimum: 5 }
  new-source: { severity: critical }
  unreadable: { readings: 1 of 1 }
  pool-exhausted: { wait: 250 }
  repeat: 8h
`);
  expect(rules).toEqual({
    'dormant-spike': {
      ratio: 4,
      minimum: 50,
      readings: { needed: 3, of: 5 },
      clear: 1.2,
      slowRatio: 2,
      slowReadings: { needed: 12, of: 12 },
      severity: 'critical',
    },
    'pooled-spike': null,
    'dormant-threshold': { limit: 500, readings: { needed: 2, of: 3 }, severity: 'warning' },
    'node-headroom': { warning: 0.7, critical: 0.95 },
    rejected: { severity: 'warning' },
    churn: null,
    clients: { ...DEFAULT_RULES.clients, minimum: 5 },
    'new-source': { ...DEFAULT_RULES['new-source'], severity: 'critical' },
    unreadable: { readings: { needed: 1, of: 1 }, severity: 'warning' },
    'pool-exhausted': { wait: 250, readings: { needed: 2, of: 3 }, severity: 'warning' },
    repeat: 8 * 3_600_000,
  });
});

test('an override changes the fields that it names, on top of the overrides before it', () => {
  const yaml = `rules:
  dormant-spike: { minimum: 100 }
  clients: off
  overrides:
    - { source: "Night*", dormant-spike: { ratio: 4 } }
    - { source: "Nightly import", dormant-spike: { severity: critical, slowRatio: 3 }, clients: { minimum: 3 }, owner: "@etl" }
    - { source: "Nightly off", dormant-spike: off }
    - { cluster: stage, dormant-spike: off }
`;
  const spike = { ...DEFAULT_RULES['dormant-spike'], minimum: 100 };
  expect(inForce(yaml, 'Billing')['dormant-spike']).toEqual(spike);
  expect(inForce(yaml, 'NIGHTLY')['dormant-spike']).toEqual({ ...spike, ratio: 4 });
  expect(inForce(yaml, 'Nightly off')['dormant-spike']).toBeNull();
  expect(inForce(yaml, 'Nightly import')).toMatchObject({
    'dormant-spike': { ratio: 4, minimum: 100, severity: 'critical', slowRatio: 3, slowReadings: { needed: 10 } },
    clients: { ...DEFAULT_RULES.clients, minimum: 3 },
  });
});

test('a lower ratio lowers the thresholds that depend on it', () => {
  const { 'dormant-spike': spike } = inForce('rules: { dormant-spike: { ratio: 1.3 } }');
  expect(spike?.slowRatio).toBe(1.3);
  expect(spike?.clear).toBeLessThan(1.3);
});

test.each([
  ['rules: { dormant-spik: off }', ['rules.dormant-spik in rules.yaml is not a setting. Did you mean dormant-spike?']],
  [
    'rules: { dormant-spike: { ratio: 2, clear: 2.5 } }',
    [
      'rules.dormant-spike.clear in rules.yaml is 2.5, not below 1.6. Expected less than ratio and slowRatio: the alert resolves below it.',
    ],
  ],
  [
    'rules: { overrides: [{ source: a, dormant-threshold: { readings: 1 of 2 } }] }',
    [
      'rules.overrides[0].dormant-threshold.limit in rules.yaml is missing. Expected the number of dormant connections that is too many.',
    ],
  ],
  [
    'rules: { node-headroom: { warning: 95% } }',
    ['rules.node-headroom.warning in rules.yaml is above critical. Expected warning at or below critical.'],
  ],
  [
    'rules: { rejected: { severity: loud }, churn: { readings: 4 of 2 } }',
    [
      'rules.rejected.severity in rules.yaml is "loud". Expected one of warning, critical.',
      'rules.churn.readings in rules.yaml is "4 of 2". Expected text such as "2 of 3", of at most 24.',
    ],
  ],
  [
    'rules: [',
    ['rules.yaml is not valid YAML at line 1, column 9 (BAD_INDENT). Check the indentation and the quotes there.'],
  ],
])('%s is named', (yaml, expected) => {
  expect(problemsOf(yaml)).toEqual(expected);
});
