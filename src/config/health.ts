// Where health and metrics are served.

import { z } from 'zod';
import type { Remarks } from './remarks.ts';
import { listenHost, port, section } from './schemas.ts';
import { VARIABLES, type Values } from './variables.ts';

export interface HealthConfig {
  readonly host: string;
  readonly port: number;
}

/** In YAML a port is a number; from a variable it is text. */
const filePort = z
  .union([z.number().transform(String), z.string()], { error: 'Expected a port number, 1 to 65535.' })
  .pipe(port);

export const healthSection = section({ host: listenHost.optional(), port: filePort.optional() });

/** Null where it is off: without a port. */
export function healthConfig(input: {
  readonly settings: z.infer<typeof healthSection> | undefined;
  readonly values: Values;
  readonly remarks: Remarks;
}): HealthConfig | null {
  const { settings, values, remarks } = input;
  const host = settings?.host ?? values.HEALTH_HOST;
  const wanted = settings?.port ?? values.HEALTH_PORT;
  if (wanted !== undefined) return { host: host ?? VARIABLES.HEALTH_HOST.default, port: Number(wanted) };
  if (host !== undefined)
    remarks.notices.push('HEALTH_HOST is set and HEALTH_PORT is not: neither health nor metrics are served.');
  return null;
}
