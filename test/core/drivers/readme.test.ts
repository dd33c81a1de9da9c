// The tables of src/core/drivers/README.md are printed from the code.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULTED, defaultsOf, maxPoolSizeZero, READ_FROM } from '../../../src/core/drivers/defaults.ts';
import { DRIVER_TITLES, DRIVERS, type DriverChoice, type DriverName } from '../../../src/core/drivers/driver.ts';
import { faasOf } from '../../../src/core/drivers/faas.ts';
import { monitorsOnNode, type NodeKind, type WatchingClient, watchingOf } from '../../../src/core/drivers/monitors.ts';
import { statusOf, URI_OPTIONS, type UriOption } from '../../../src/core/drivers/options.ts';
import { MONITORING_MODE_SINCE } from '../../../src/core/drivers/versions.ts';

const readme = readFileSync(new URL('../../../src/core/drivers/README.md', import.meta.url), 'utf8');

const tableOf = (rows: readonly (readonly string[])[]): string => {
  const [head = [], ...body] = rows;
  return [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
};
const titleOf = (driver: DriverChoice) => (driver === 'any' ? 'specification' : DRIVER_TITLES[driver]);
const ALL: readonly DriverChoice[] = ['any', ...DRIVERS];

function defaults(): string {
  const figure = (value: number | null) => (value === null ? '–' : String(value));
  return tableOf([
    ['option', ...ALL.map(titleOf)],
    ['read from', '', ...DRIVERS.map((driver) => READ_FROM[driver])],
    ...DEFAULTED.map((name) => [`\`${name}\``, ...ALL.map((driver) => figure(defaultsOf(driver)[name]))]),
    ['`maxPoolSize=0`', ...ALL.map(maxPoolSizeZero)],
    ['`serverMonitoringMode` since', '', ...DRIVERS.map((driver) => MONITORING_MODE_SINCE[driver] ?? '–')],
  ]);
}

function monitors(): string {
  const rows: readonly (readonly [string, Partial<WatchingClient>, NodeKind])[] = [
    ['server 4.4 or later', {}, 'secondary'],
    ['server 4.2', { server: '4.2' }, 'secondary'],
    ['`serverMonitoringMode=poll`', { serverMonitoringMode: 'poll' }, 'secondary'],
    ['on Lambda', { env: { AWS_LAMBDA_RUNTIME_API: 'x' } }, 'secondary'],
    [
      'on Lambda, `serverMonitoringMode=stream`',
      { env: { AWS_LAMBDA_RUNTIME_API: 'x' }, serverMonitoringMode: 'stream' },
      'secondary',
    ],
    ['arbiter', {}, 'arbiter'],
    ['hidden node', {}, 'hidden'],
    ['load balancer', { loadBalanced: true }, 'lb'],
  ];
  const clients: readonly (readonly [string, Pick<WatchingClient, 'driver' | 'mode'>])[] = [
    ['most drivers', { driver: 'any' }],
    ['C and C++, pooled', { driver: 'c' }],
    ['PHP; C and C++, single', { driver: 'c', mode: 'single' }],
  ];
  return tableOf([
    ['', ...clients.map(([title]) => title)],
    ...rows.map(([title, what, kind]) => [
      title,
      ...clients.map(([, client]) => {
        const watching = { server: null, env: {}, ...client, ...what };
        const shared = watchingOf(watching).how === 'shared' && kind !== 'hidden';
        return shared ? '0, one for all' : String(monitorsOnNode(watching, kind));
      }),
    ]),
  ]);
}

function functions(): string {
  const rows: readonly Readonly<Record<string, string>>[] = [
    { AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001' },
    { AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' },
    { AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE' },
    { FUNCTIONS_WORKER_RUNTIME: 'node' },
    { K_SERVICE: 'web' },
    { FUNCTION_NAME: 'f' },
    { VERCEL: '1' },
    { VERCEL: '1', AWS_LAMBDA_RUNTIME_API: 'x' },
    { K_SERVICE: 'web', AWS_LAMBDA_RUNTIME_API: 'x' },
    { K_SERVICE: '' },
  ];
  const groups = Map.groupBy(DRIVERS, (driver) => rows.map((env) => faasOf(env, driver)).join());
  const shown = (env: Readonly<Record<string, string>>) =>
    Object.entries(env)
      .map(([name, value]) => `\`${name}=${value}\``)
      .join(' ');
  return tableOf([
    ['variables', ...[...groups.values()].map((drivers) => drivers.map(titleOf).join(', '))],
    ...rows.map((env) => [
      shown(env),
      ...[...groups.values()].map(([driver = 'node']) => faasOf(env, driver) ?? 'none'),
    ]),
  ]);
}

function options(): string {
  return tableOf([
    ['option', 'value', 'default', 'drivers', 'source'],
    ...URI_OPTIONS.map((option) => [
      `\`${option.name}\``,
      valuesOf(option),
      option.name in defaultsOf('any') ? 'above' : String(option.default ?? '–'),
      driversOf(option),
      option.source,
    ]),
  ]);
}

function valuesOf({ type, values, min, max, unit, secret, isRepeatable, needsSrv }: UriOption): string {
  const range = min === null ? '' : max === null ? ` ≥ ${min}` : ` ${min} to ${max}`;
  const what = values === null ? `${type}${range}${unit === null ? '' : ` ${unit}`}` : `${type}: ${values.join(', ')}`;
  return [
    what,
    ...(secret ? ['secret'] : []),
    ...(isRepeatable ? ['several'] : []),
    ...(needsSrv ? ['+srv'] : []),
  ].join('; ');
}

function driversOf(option: UriOption): string {
  const { knownTo, instead } = option;
  const names = (drivers: readonly DriverName[]) => drivers.map(titleOf).join(', ');
  const missing = DRIVERS.filter((driver) => !knownTo.includes(driver));
  const first =
    knownTo.length === 0
      ? 'none any more'
      : missing.length === 0
        ? 'all'
        : missing.length < knownTo.length
          ? `not ${names(missing)}`
          : names(knownTo);
  const of = (status: string) => DRIVERS.filter((driver) => statusOf(option, driver) === status);
  const old = of('deprecated');
  const said = [
    first,
    ...(old.length === 0 ? [] : [`deprecated${old.length === knownTo.length ? '' : ` for ${names(old)}`}`]),
    ...(of('ignored').length === 0 ? [] : [`without effect for ${names(of('ignored'))}`]),
    ...(instead === null ? [] : [`now \`${instead}\``]),
  ];
  return said.join('; ');
}

test.each([
  ['defaults', defaults()],
  ['monitors', monitors()],
  ['functions', functions()],
  ['options', options()],
])('the table of %s', (name, table) => {
  const [, there] = new RegExp(`<!-- ${name} -->\\n+([\\s\\S]*?)\\n+<!-- /${name} -->`).exec(readme) ?? [];
  expect(there).toBe(table);
});
