// The project's IP access list, and the project's other networks with names.

import type { Problem } from '../base/problem.ts';

/** An entry that lets a range in; a single IP address is a range of /32 or /128. */
export interface RangeEntry {
  readonly kind: 'range';
  /** As Atlas gives it, e.g. `203.0.113.0/24`; canonical only after `parseCidr`. */
  readonly cidrBlock: string;
  readonly comment: string | null;
  /** ISO 8601 in UTC: when Atlas will delete the entry; null for an entry that stays. */
  readonly deleteAfterDate: string | null;
}

/** An entry that lets an AWS security group in: it has no addresses, so no client can be matched to it. */
interface SecurityGroupEntry {
  readonly kind: 'security-group';
  /** `sg-…`, perhaps with the account in front: `123456789012/sg-…`. */
  readonly securityGroup: string;
  readonly comment: string | null;
}

export type AccessListEntry = RangeEntry | SecurityGroupEntry;

/** The code of the problem that no access list was configured or given. */
export const ACCESS_LIST_MISSING = 'access-list-missing';

/** Atlas has not sent the access list since the start, so the names of sources are temporary. */
export const NAMES_UNKNOWN: Problem = {
  code: 'names-untold',
  text: 'The access list or the networks have not been read yet, so sources are not recorded or evaluated.',
  remedy: 'Recording starts once both have been read.',
};

/** One reading of the access list. */
export interface AccessList {
  readonly entries: readonly AccessListEntry[];
  /** False when a page could not be read. Then `unlisted` is uncertain, and the report must say so. */
  readonly complete: boolean;
  /** ISO 8601: when it was read. */
  readonly readAt: string;
  readonly problems: readonly Problem[];
}

/** A named block from the configuration: NAT gateways, private endpoints, Kubernetes egress. Never /0. */
export interface Label {
  readonly cidr: string;
  readonly name: string;
  /** Slack user or group that owns this source, as configured. */
  readonly owner?: string;
  readonly runbook?: string;
  /** Slack channel id for this source's alerts. */
  readonly channel?: string;
}

/** A peered network. Only AWS reports its CIDR block; Azure and GCP peers have a name and no addresses. */
export interface PeeredNetwork {
  readonly provider: 'AWS' | 'AZURE' | 'GCP';
  readonly cidrBlock: string | null;
  /** The peer's VPC (or virtual network) and account, e.g. `vpc-0a1b (account 123456789012)`. */
  readonly name: string;
  readonly status: string | null;
}

/** Atlas's own network in the project: other nodes, agents, and clients behind a private endpoint. */
export interface NetworkContainer {
  readonly provider: 'AWS' | 'AZURE' | 'GCP';
  readonly cidrBlock: string;
  readonly region: string | null;
}

export interface PrivateEndpointService {
  readonly provider: 'AWS' | 'AZURE' | 'GCP';
  readonly name: string;
  /** How many private endpoints are attached to it. */
  readonly endpoints: number;
}

/** The project's networks that are not in its access list. */
export interface ProjectNetworks {
  readonly peers: readonly PeeredNetwork[];
  readonly containers: readonly NetworkContainer[];
  readonly privateEndpointServices: readonly PrivateEndpointService[];
  readonly problems: readonly Problem[];
}
