// Removes secrets from names, comments and hosts that people will read. A value is redacted before it becomes part of a
// sentence or a table. So a secret such as "wrong" changes no other word and no column.

import type { Problem } from '../base/problem.ts';
import type { ClientAddress } from '../net/address.ts';
import type { AccessList, Label, ProjectNetworks } from './access-list.ts';
import type { ClusterReading, ConnectionGroup } from './reading.ts';

/** Removes secrets from one value. */
export type Redact = (value: string) => string;

/** The fields that name the clients. */
interface Names {
  readonly accessList: AccessList | null;
  readonly networks: ProjectNetworks | null;
  readonly labels: readonly Label[];
}

export function redactedNames({ accessList, networks, labels }: Names, redact: Redact): Names {
  return {
    accessList: accessList && {
      ...accessList,
      entries: accessList.entries.map((entry) => ({ ...entry, comment: orNull(entry.comment, redact) })),
    },
    networks: networks && {
      ...networks,
      peers: networks.peers.map((peer) => ({ ...peer, name: redact(peer.name) })),
      privateEndpointServices: networks.privateEndpointServices.map((one) => ({ ...one, name: redact(one.name) })),
    },
    labels: labels.map((label) => ({ ...label, name: redact(label.name) })),
  };
}

/** All fields but the address, which is parsed already. */
export function redactedGroup(group: ConnectionGroup, redact: Redact): ConnectionGroup {
  const { app, user, driver } = group;
  return {
    ...group,
    app: orNull(app, redact),
    user: orNull(user, redact),
    driver: driver && {
      name: redact(driver.name),
      version: orNull(driver.version, redact),
      platform: orNull(driver.platform, redact),
    },
  };
}

/** An IP address needs no redaction; a socket is text. */
export function redactedClient(client: ClientAddress, redact: Redact): ClientAddress {
  return client.kind === 'ip' ? client : { ...client, text: redact(client.text) };
}

/** A problem's sentence contains the host. */
export function redactedNode<Node extends { readonly host: string; readonly problem?: Problem }>(
  node: Node,
  redact: Redact,
): Node {
  const { host, problem } = node;
  const shown = redact(host);
  if (shown === host) return node;
  if (problem === undefined) return { ...node, host: shown };
  const said = (text: string) => text.replaceAll(host, shown);
  return { ...node, host: shown, problem: { ...problem, text: said(problem.text), remedy: said(problem.remedy) } };
}

/** The reading without its groups. Groups are classified by their real names. */
export function redactedReading(reading: ClusterReading, redact: Redact): ClusterReading {
  return {
    ...reading,
    nodes: reading.nodes.map((one) => {
      const node = redactedNode(one, redact);
      if (node.kind !== 'read') return node;
      return { ...node, threads: node.threads.map(({ name, count }) => ({ name: redact(name), count })) };
    }),
    leftOut: reading.leftOut.map(({ host, reason }) => ({ host: redact(host), reason })),
  };
}

export function orNull(value: string | null, redact: Redact): string | null {
  return value === null ? null : redact(value);
}
