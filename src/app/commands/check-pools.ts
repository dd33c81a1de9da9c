// Use case: checks where reports of the applications' pools are taken, and by whom.

import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { counted } from '../../core/base/format.ts';
import type { Problem } from '../../core/base/problem.ts';
import { isUnspecified, parseIp } from '../../core/net/address.ts';
import { isPrivate } from '../../core/net/cidr.ts';
import { explain, UpstreamError } from '../../errors.ts';
import { urlOf } from '../../http/exchange.ts';
import { fetchPools } from '../../http/pools-client.ts';
import type { CheckFinding } from './types.ts';

interface CheckPoolsInput {
  readonly settings: { readonly host: string; readonly port: number | null; readonly tokens: readonly string[] };
  readonly signal: AbortSignal;
}

/** Nothing if no reports are taken. */
export async function* checkPools({ settings, signal }: CheckPoolsInput): AsyncGenerator<CheckFinding> {
  const { host, port, tokens } = settings;
  if (port === null) return;
  const what = `pools: ${host} port ${port}`;
  const problem = await exposure(host);
  const remarked = problem === null ? {} : { problem };
  const failed = await listenFault(host, port);
  if (failed === null) yield { ok: true, what: `${what} is free`, ...remarked };
  else if (failed !== 'EADDRINUSE') yield { ok: false, what, problem: unusable(settings.host, failed) };
  else {
    try {
      const { apps } = await fetchPools({ url: urlOf({ host, port }), token: tokens[0] ?? '', signal });
      // A process with pools to two clusters is in two rows.
      const ids = new Set(apps.flatMap((app) => app.processes.map(({ process }) => process.id)));
      const processes = counted(ids.size, 'report');
      yield { ok: true, what: `${what}: a bot that runs answers, with ${processes} of pools`, ...remarked };
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      yield { ok: false, what, problem: explain(error, '') };
    }
  }
}

/** Why a network may reach it that should not; null for addresses of this machine and private ones. */
async function exposure(host: string): Promise<Problem | null> {
  const found = parseIp(host) === null ? await addressesOf(host) : [host];
  const addresses = found.flatMap((text) => parseIp(text) ?? []);
  const code = 'pools-exposed';
  if (addresses.some(isUnspecified))
    return {
      code,
      text: `Reports are taken on all addresses of this machine (${host}), over plain HTTP.`,
      remedy:
        'In a container this is needed: let only your applications reach the port, by its network or a NetworkPolicy. ' +
        'Elsewhere, set POOLS_HOST to a private address.',
    };
  if (addresses.every(isPrivate)) return null;
  return {
    code,
    text: `${host} is neither an address of this machine alone nor a private one, and reports come over plain HTTP.`,
    remedy: 'Set POOLS_HOST to a private address, or to 127.0.0.1 behind a proxy that ends TLS.',
  };
}

async function addressesOf(name: string): Promise<readonly string[]> {
  try {
    return (await lookup(name, { all: true })).map(({ address }) => address);
  } catch {
    // Listening there says it.
    return [];
  }
}

/** The system's code; null if a server could listen. */
async function listenFault(host: string, port: number): Promise<string | null> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
    return null;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
  } finally {
    server.close();
  }
}

function unusable(host: string, code: string): Problem {
  return {
    code: 'pools-port',
    text: `Reports cannot be taken there (${code}).`,
    remedy:
      code === 'EACCES'
        ? 'Set POOLS_PORT to 1024 or above: this user may not use lower ports.'
        : `Set POOLS_HOST to an address of this machine instead of ${host}.`,
  };
}
