// Where a run goes: the hosts of the string by DNS, whether they may be loaded, and the strings for its clients.

import { promises as dns } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { Problem } from '../core/base/problem.ts';
import { type ConnectionString, printConnectionString } from '../core/lint/connection-string.ts';
import { isAtlasName, type LoadConsent, nameOfHost, whyUnsafe } from '../core/load/safety.ts';
import { parseIp } from '../core/net/address.ts';
import { understand } from '../driver/connection.ts';
import { UpstreamError, UserError } from '../errors.ts';

/** DNS. Each rejects with an error of node:dns. */
export interface Resolver {
  /** Every IP address of a name, as the operating system resolves it. */
  addresses(name: string): Promise<readonly string[]>;
  srv(name: string): Promise<readonly { readonly name: string; readonly port: number }[]>;
  txt(name: string): Promise<readonly string[]>;
}

export const systemResolver: Resolver = {
  addresses: async (name) => (await dns.lookup(name, { all: true })).map(({ address }) => address),
  srv: (name) => dns.resolveSrv(name),
  txt: async (name) => (await dns.resolveTxt(name)).map((parts) => parts.join('')),
};

export interface LoadTarget {
  /** `host:port` or a path: of the string, or behind its SRV name. */
  readonly seeds: readonly string[];
  readonly isDirect: boolean;
  /** `replicaSet` of the string, or of its TXT record. */
  readonly setName: string | null;
  readonly user: string | null;
  readonly usesTls: boolean;
  /** For the clients of the run. */
  readonly uri: string;
  /** For one node alone. */
  uriOf(host: string): string;
  /** Rejects with UserError for a host that may not be loaded. */
  approve(hosts: readonly string[]): Promise<void>;
  /** Whether this host and port was checked. */
  isApproved(host: string): boolean;
  /** For sockets: knows only approved names, at the addresses that were approved. */
  readonly lookup: LookupFunction;
  /** What was corrected in the string or left out of it. */
  readonly remarks: readonly string[];
}

/** Rejects with UserError for a string that is unusable, or whose hosts may not be loaded. */
export async function findTarget(input: {
  readonly uri: string;
  readonly setting: string;
  readonly consent: LoadConsent;
  readonly resolver: Resolver;
  readonly problemOf: (error: unknown, host: string) => Problem;
}): Promise<LoadTarget> {
  const { consent, resolver, problemOf } = input;
  const { string, parsed, remarks, ownFault } = understand(input);
  if (string.options.has('proxyHost'))
    throw new UserError(
      'load does not go through a proxy (proxyHost): the addresses behind it cannot be checked.',
      'Run load in the network of the nodes, with a connection string without proxyHost.',
    );
  const typed = string.srv ? string.hosts : parsed.hosts.map(String);
  const origin = { typed, isSrv: string.srv };
  // Nothing is asked about a cluster of Atlas that is not the user's own.
  if (string.srv)
    for (const host of typed.filter(isAtlasName))
      refuse({ host, addresses: [] }, consent, { ...origin, isDiscovered: false });
  const found = string.srv ? await behindSrv(string, { resolver, problemOf }) : null;
  const seeds = found?.hosts ?? typed;
  const approved = new Map<string, readonly string[]>();
  const known = new Set<string>();
  const approveAs = async (hosts: readonly string[], isDiscovered: boolean) => {
    for (const host of hosts) {
      known.add(host.toLowerCase());
      const name = nameOfHost(host);
      if (approved.has(name)) continue;
      const addresses = await addressesOf(name, resolver);
      refuse({ host, addresses }, consent, { ...origin, isDiscovered });
      approved.set(name, addresses);
    }
  };
  await approveAs(seeds, false);
  const fault = await ownFault(null);
  if (fault !== null) throw new UpstreamError(fault);
  const options = new Map([...(found?.options ?? []), ...string.options]);
  if (string.srv && !options.has('tls') && !options.has('ssl')) options.set('tls', 'true');
  for (const name of ['srvServiceName', 'srvAllowedHostsSuffix']) options.delete(name);
  const plain = { ...string, srv: false, hosts: seeds, options };
  return {
    seeds,
    isDirect: parsed.directConnection,
    setName: options.get('replicaSet') ?? null,
    user: parsed.credentials?.username || null,
    usesTls: (options.get('tls') ?? options.get('ssl')) === 'true',
    uri: printConnectionString(plain),
    uriOf: (host) => {
      const own = new Map(options);
      for (const name of ['replicaSet', 'loadBalanced']) own.delete(name);
      own.set('directConnection', 'true');
      return printConnectionString({ ...plain, hosts: [host], options: own });
    },
    approve: (hosts) => approveAs(hosts, true),
    isApproved: (host) => known.has(host.toLowerCase()),
    lookup: (name, { all }, callback) => {
      const [first, ...others] = (approved.get(nameOfHost(name)) ?? []).map((address) => {
        // An IPv4 address that is written as IPv6 needs a socket of IPv6.
        return { address, family: isIP(address) };
      });
      // Another name would be one that a node has listed since.
      if (first === undefined) callback(new Error(`${name} may not be loaded`), '', 4);
      else if (all === true) callback(null, [first, ...others]);
      else callback(null, first.address, first.family);
    },
    remarks,
  };
}

function refuse(...given: Parameters<typeof whyUnsafe>): void {
  const problem = whyUnsafe(...given);
  if (problem !== null) throw new UserError(problem.text, problem.remedy);
}

async function addressesOf(name: string, resolver: Resolver): Promise<readonly string[]> {
  if (name.startsWith('/') || name.endsWith('.sock')) return [];
  return parseIp(name) === null ? resolver.addresses(name).catch(() => []) : [name];
}

/** Options that a TXT record may set (specification: initial DNS seedlist discovery). */
const OF_TXT = ['authSource', 'replicaSet', 'loadBalanced'];

/** What DNS lists for an SRV name. */
async function behindSrv(
  { hosts: [name = ''], options }: ConnectionString,
  { resolver, problemOf }: Pick<Parameters<typeof findTarget>[0], 'resolver' | 'problemOf'>,
): Promise<{ readonly hosts: readonly string[]; readonly options: ReadonlyMap<string, string> }> {
  try {
    const records = await resolver.srv(`_${options.get('srvServiceName') ?? 'mongodb'}._tcp.${name}`);
    const hosts = records.map((record) => `${record.name.replace(/\.$/, '')}:${record.port}`);
    const domain = name.split('.').slice(1).join('.');
    const strange = hosts.find((host) => !nameOfHost(host).endsWith(`.${domain.toLowerCase()}`));
    if (strange !== undefined)
      throw new UserError(
        `DNS lists ${strange} for the SRV name ${name}, and drivers accept only names that end in .${domain}.`,
        'Correct the SRV record.',
      );
    const texts = await resolver.txt(name).catch(() => []);
    const said = texts.flatMap((text) => [...new URLSearchParams(text)]).filter(([option]) => OF_TXT.includes(option));
    return { hosts, options: new Map(said) };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UpstreamError(problemOf(error, name), { cause: error });
  }
}
