// Connection strings as people post them, and those of the specification, through the linter and the terminal command.

import { expect, test } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import { driverNamed } from '../../../src/core/drivers/driver.ts';
import { type LintContext, type LintReport, lintConnectionString } from '../../../src/core/lint/lint.ts';
import { recordedTerminal, someCommands } from '../../cli/some-commands.ts';
import posted from '../../fixtures/found/uris/lint.json' with { type: 'json' };
import specification from '../../fixtures/found/uris/uri-spec.json' with { type: 'json' };

const ANY: LintContext = { driver: 'any', functions: false, fleet: null };

interface PostedCase {
  readonly id: number;
  readonly text: string;
  readonly context?: { readonly driver?: string };
  readonly findings: readonly { readonly id: string; readonly severity: string }[];
  readonly mustNotAppear: readonly string[];
}

const POSTED: readonly PostedCase[] = posted.cases;

const severe = (findings: readonly { readonly id: string; readonly severity: string }[]) =>
  [
    ...new Set(findings.filter(({ severity }) => severity !== 'info').map(({ id, severity }) => `${severity} ${id}`)),
  ].sort();

test.each(POSTED.map((one) => [one.id, one] as const))(
  'posted string %i has its findings, and no others above info',
  (_, one) => {
    const driver = driverNamed(one.context?.driver ?? 'any') ?? 'any';
    const report = lintConnectionString(one.text, { ...ANY, driver });
    expect(severe(report.findings)).toEqual(severe(one.findings));
    for (const { id } of one.findings) expect(report.findings.map((found) => found.id)).toContain(id);
    for (const secret of one.mustNotAppear) expect(JSON.stringify(report)).not.toContain(secret);
  },
);

interface SpecCase {
  readonly uri: string;
  readonly valid: boolean | null;
  readonly warning: boolean | null;
  readonly hosts?: readonly { readonly type: string; readonly host: string; readonly port: number | null }[] | null;
  readonly auth?: { readonly db?: string | null } | null;
  readonly options?: Readonly<Record<string, unknown>> | null;
  readonly credential?: { readonly source?: string | null } | null;
}

const SPECIFIED: readonly SpecCase[] = specification.cases;

const lower = (options: object) =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [name.toLowerCase(), value]));

/** What the specification says of the string, and what we say of the same. */
function compared(one: SpecCase, report: Omit<LintReport, 'effective'>) {
  const { valid, warning, hosts, auth, options, credential } = one;
  const isValid = valid === true;
  const names = Object.keys(lower(options ?? {}));
  return {
    specified: {
      ...(valid !== null && { valid }),
      ...(warning === true && { warning }),
      ...(isValid &&
        hosts && {
          hosts: hosts.map(
            ({ type, host, port }) => `${type === 'ip_literal' ? `[${host}]` : host}${port ? `:${port}` : ''}`,
          ),
        }),
      ...(isValid && auth && { database: auth.db ?? null }),
      ...(isValid && options && { options: lower(options) }),
      ...(credential && { source: credential.source }),
    },
    ours: {
      ...(valid !== null && { valid: report.valid }),
      ...(warning === true && { warning: report.findings.some(({ severity }) => severity !== 'info') }),
      ...(isValid && hosts && { hosts: report.hosts }),
      ...(isValid && auth && { database: report.database }),
      ...(isValid &&
        options && {
          options: Object.fromEntries(Object.entries(lower(report.options)).filter(([name]) => names.includes(name))),
        }),
      ...(credential && { source: report.authSource }),
    },
  };
}

test.each(SPECIFIED.map((one) => [one.uri, one] as const))('the specification agrees on %s', (uri, one) => {
  const report = lintConnectionString(uri, ANY);
  const { specified, ours } = compared(one, report);
  expect(ours).toEqual(specified);
  if (one.valid === false) expect(report.findings.map(({ severity }) => severity)).toContain('error');
});

/** Advice about a string that the specification has nothing against. */
const ADVICE = [
  'replica-set-missing',
  'single-member',
  'pool-unlimited',
  'tls-insecure',
  'auth-plain-no-tls',
  'auth-x509-no-tls',
  'plus-in-userinfo',
];

test('a string without a warning in the specification has at most advice', () => {
  for (const { uri, valid, warning } of SPECIFIED) {
    if (valid !== true || warning !== false) continue;
    const ids = lintConnectionString(uri, ANY)
      .findings.filter(({ severity }) => severity !== 'info')
      .map(({ id }) => id);
    expect(
      ids.filter((id) => !ADVICE.includes(id)),
      uri,
    ).toEqual([]);
  }
});

async function typed(argv: readonly string[], text: string) {
  const { terminal, said } = recordedTerminal();
  const input = { isTerminal: false, askHidden: async () => text, readAll: async () => text };
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, hide: () => {} };
  const signal = new AbortController().signal;
  const code = await run({
    argv: ['lint', ...argv],
    commands: someCommands({}),
    terminal,
    version: '1',
    log,
    random: () => 0.5,
    signal,
    input,
  });
  return { code, ...said() };
}

test('the terminal command says of every case what the linter says', async () => {
  for (const { uri } of SPECIFIED) {
    const { code, out, err } = await typed(['--json'], `${uri}\n`);
    const { effective, forecast, ...report } = lintConnectionString(uri, ANY);
    expect(JSON.parse(out)).toEqual({ schema: 'atlas-conns/lint/1', ...report });
    expect({ code, err }).toEqual({
      code: report.findings.some(({ severity }) => severity === 'error') ? 1 : 0,
      err: '',
    });
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    expect(effective).toBeDefined();
    expect(forecast).toBeNull();
  }
  for (const { text, context, mustNotAppear, findings } of POSTED) {
    const driver = context?.driver ?? 'any';
    for (const argv of [
      ['--json', '--driver', driver],
      ['--driver', driver],
    ]) {
      const { code, out, err } = await typed(argv, text);
      expect(code).toBe(findings.some(({ severity }) => severity === 'error') ? 1 : 0);
      for (const secret of mustNotAppear) expect(out + err).not.toContain(secret);
    }
  }
});
