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
  const port = settings?.port ?? values.POOLS_PORT;
  const token = settings?.token ?? values.POOLS_TOKEN;
  const problem = (what: string, remedy: string) => remarks.problems.push({ code: 'setting', text: what, remedy });
  if (port === undefined && host !== undefined)
    remarks.notices.push('POOLS_HOST is set without POOLS_PORT: no reports of pools are taken.');
  if (port !== undefined && token === undefined)
    problem('POOLS_TOKEN is missing.', 'POOLS_PORT is set: set both. `openssl rand -hex 32` makes a token.');
  const taken = [
    ...(port !== undefined && values.PORT === port ? ['PORT'] : []),
    ...(port !== undefined && healthPort === Number(port) ? ['HEALTH_PORT'] : []),
  ];
  for (const other of taken) problem(`POOLS_PORT is ${port}, as ${other} is.`, 'Set POOLS_PORT to another port.');
  return {
    host: host ?? VARIABLES.POOLS_HOST.default,
    port: port === undefined ? null : Number(port),
    tokens: token === undefined ? [] : tokensIn(token),
  };
}
