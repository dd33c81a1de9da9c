// Decodes answers of hello and serverStatus.

import { type Fields, fieldsOf, listOf, textOf } from '../core/base/json.ts';
import type { NodeRole, NodeTotals } from '../core/connections/reading.ts';
import { bsonNumber } from './bson.ts';

/** A node's answer about itself and the other members. */
export interface Hello {
  readonly role: NodeRole;
  readonly setName: string | null;
  /** The name of this member in its set; null outside a set. */
  readonly me?: string | null;
  /** Visible members with data; empty for a mongos and a standalone. */
  readonly members: readonly string[];
  readonly arbiters: readonly string[];
  readonly isHidden: boolean;
}

export type Totals = Omit<NodeTotals, 'host' | 'role'>;

export function decodeHello(answer: unknown): Hello {
  const hello = fieldsOf(answer);
  return {
    role: roleOf(hello),
    setName: textOf(hello['setName']),
    me: textOf(hello['me']),
    members: [...listOf(hello['hosts']), ...listOf(hello['passives'])].flatMap((host) => textOf(host) ?? []),
    arbiters: listOf(hello['arbiters']).flatMap((host) => textOf(host) ?? []),
    isHidden: hello['hidden'] === true,
  };
}

export function decodeServerStatus(answer: unknown): Totals {
  const status = fieldsOf(answer);
  const connections = fieldsOf(status['connections']);
  const current = bsonNumber(connections['current']);
  const available = bsonNumber(connections['available']);
  const rejected = bsonNumber(connections['rejected']);
  const rateLimited = bsonNumber(fieldsOf(connections['establishmentRateLimit'])['rejected']);
  return {
    version: textOf(status['version']),
    current,
    available,
    limit: current === null || available === null ? null : current + available,
    totalCreated: bsonNumber(connections['totalCreated']),
    rejected: rejected === null && rateLimited === null ? null : (rejected ?? 0) + (rateLimited ?? 0),
  };
}

function roleOf(hello: Fields): NodeRole {
  if (hello['msg'] === 'isdbgrid') return 'mongos';
  if (hello['setName'] === undefined) return hello['isWritablePrimary'] === true ? 'standalone' : 'other';
  if (hello['isWritablePrimary'] === true) return 'primary';
  return hello['secondary'] === true ? 'secondary' : 'other';
}
