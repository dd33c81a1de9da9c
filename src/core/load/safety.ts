// Where `load` may open connections: on this machine and in private networks. Any other host has to be named.

import { joinWords } from '../base/format.ts';
import type { Problem } from '../base/problem.ts';
import { parseClient, parseIp } from '../net/address.ts';
import { isPrivate } from '../net/cidr.ts';

export interface LoadHost {
  /** `host:port` or a path, as in the connection string or in the answer of a node. */
  readonly host: string;
  /** All IP addresses of its name. */
  readonly addresses: readonly string[];
}

export interface LoadConsent {
  /** `--yes-this-host` */
  readonly hosts: readonly string[];
  /** `--i-own-this-cluster` */
  readonly clusters: readonly string[];
}

/** How a host became known. */
interface LoadOrigin {
  /** The hosts of the string, or its SRV name. */
  readonly typed: readonly string[];
  readonly isSrv: boolean;
  /** A node of the cluster listed the host; the string does not have it. */
  readonly isDiscovered: boolean;
}

/** By the names of mongodb-build-info, which Compass uses, and Atlas for Government. */
const ATLAS = /\.mongodb(?:gov|-dev|-qa|-stage)?\.net$/;

/** Lower case, without port and brackets. */
export function nameOfHost(host: string): string {
  if (host.startsWith('/') || host.endsWith('.sock')) return host;
  const bare = host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host;
  return (parseIp(bare) === null ? bare.replace(/:\d+$/, '') : bare).toLowerCase().replace(/\.$/, '');
}

export function isAtlasName(host: string): boolean {
  return ATLAS.test(nameOfHost(host));
}

/** `cluster0` of `cluster0-shard-00-01.ab1cd.mongodb.net` and of `cluster0-pl-0.ab1cd.mongodb.net`. */
function clusterInHost(host: string): string {
  const [label = ''] = nameOfHost(host).split('.');
  return label.replace(/-(?:shard|config)-\d.*$|-(?:pl|lb)-\d.*$|-pri$/, '');
}

/** Null for a host on which a run may open its connections. */
export function whyUnsafe({ host, addresses }: LoadHost, consent: LoadConsent, origin: LoadOrigin): Problem | null {
  const name = nameOfHost(host);
  if (parseClient(host).kind === 'socket') return null;
  if (isAtlasName(host)) return ownsCluster(name, consent, origin) ? null : atlasProblem(host, origin);
  const named = new Set(consent.hosts.map((one) => one.toLowerCase()));
  const isNamed = (one: string) => named.has(nameOfHost(one)) || named.has(one.toLowerCase());
  if (isNamed(host) || (origin.isSrv && !origin.isDiscovered && origin.typed.some(isNamed))) return null;
  if (addresses.length === 0) return unresolved(host, origin);
  const outside = addresses.filter((text) => !isInside(text));
  return outside.length === 0 ? null : outsideProblem(host, outside, origin);
}

function isInside(text: string): boolean {
  const address = parseIp(text);
  return address !== null && isPrivate(address);
}

/** Members have the domain of their cluster's name, but often another name in front: `ac-x1y2z3-shard-00-00`. */
function ownsCluster(name: string, consent: LoadConsent, { typed }: LoadOrigin): boolean {
  const owned = consent.clusters.map((one) => one.toLowerCase());
  const domainOf = (host: string) => nameOfHost(host).replace(/^[^.]+\./, '');
  const isOwned = (host: string) => owned.includes(clusterInHost(host));
  return isOwned(name) || typed.some((one) => isAtlasName(one) && isOwned(one) && domainOf(one) === domainOf(name));
}

function atlasProblem(host: string, { typed }: LoadOrigin): Problem {
  const cluster = clusterInHost(typed.find(isAtlasName) ?? host);
  return {
    code: 'load-atlas',
    text: `${host} is a node of an Atlas cluster. load fills its connections, and other clients may be refused.`,
    remedy: `Only on a cluster of your own: repeat its name with --i-own-this-cluster ${cluster}.`,
  };
}

function outsideProblem(host: string, outside: readonly string[], origin: LoadOrigin): Problem {
  const isAddress = outside.includes(nameOfHost(host));
  const where = isAddress ? 'its address is public' : `its name has the public address ${joinWords(outside)}`;
  return {
    code: 'load-outside',
    text: `load opens connections only on this machine and in private networks, and ${host}${seen(origin)} is neither: ${where}.`,
    remedy: `If you may fill the connections of this host, repeat its name with --yes-this-host ${nameOfHost(host)}.`,
  };
}

function unresolved(host: string, origin: LoadOrigin): Problem {
  return {
    code: 'load-unresolved',
    text: `The name of ${host}${seen(origin)} does not resolve, so load cannot tell where it is.`,
    remedy: origin.isDiscovered
      ? 'Make the names of the members resolve here, or add directConnection=true to use one node alone.'
      : 'Check the name in the connection string.',
  };
}

function seen({ isDiscovered }: LoadOrigin): string {
  return isDiscovered ? ', which a node of the cluster lists,' : '';
}
