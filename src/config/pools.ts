// Settings of the daemon that takes reports of the applications' pools, and of who asks it.

import type { z } from 'zod';
import type { Remarks } from './issues.ts';
import { listenHost, poolsToken, section, tokensIn } from './schemas.ts';
import { filePort } from './storage-and-health.ts';
import { VARIABLES, type Values } from './variables.ts';

export interface PoolsConfig {
  readonly host: string;
  /** Null if it is off. */
  readonly port: number | null;
  /** Each is valid; two while one is replaced. */
  readonly tokens: readonly string[];
}

export const poolsSection = section({
  host: listenHost.optional(),
  port: filePort.optional(),
  token: poolsToken.optional(),
});

export function poolsConfig(input: {
  readonly settings: z.infer<typeof poolsSection> | undefined;
  readonly values: Values;
  readonly healthPort: number | null;
  readonly remarks: Remarks;
}): PoolsConfig {
  const { settings, values, healthPort, remarks } = input;
  const host = settings?.host ?? values.POOLS_HOST;
  const text = settings?.port ?? values.POOLS_PORT;
  const port = text === undefined ? null : Number(text);
  const token = settings?.token ?? values.POOLS_TOKEN;
  const problem = (what: string, remedy: string) => remarks.problems.push({ code: 'setting', text: what, remedy });
  if (port === null && host !== undefined)
    remarks.notices.push('POOLS_HOST is set without POOLS_PORT: no reports of pools are taken.');
  // The terminal has the same variable. In the settings file it is for the bot alone.
  if (port === null && settings?.token !== undefined)
    remarks.notices.push('pools.token is set without POOLS_PORT: no reports of pools are taken.');
  if (port !== null && token === undefined)
    problem('POOLS_TOKEN is missing.', 'POOLS_PORT is set: set both. `openssl rand -hex 32` makes a token.');
  const taken = [
    ...(port !== null && values.PORT !== undefined && Number(values.PORT) === port ? ['PORT'] : []),
    ...(port !== null && healthPort === port ? ['HEALTH_PORT'] : []),
  ];
  for (const other of taken) problem(`POOLS_PORT is ${port}, as ${other} is.`, 'Set POOLS_PORT to another port.');
  return {
    host: host ?? VARIABLES.POOLS_HOST.default,
    port,
    tokens: token === undefined ? [] : tokensIn(token),
  };
}
