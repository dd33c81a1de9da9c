// The server versions that a node can play, and what differs between them.

export type ServerVersion = '6.0' | '7.0' | '8.0' | '8.2';

export interface VersionFacts {
  readonly full: string;
  readonly maxWireVersion: number;
  /** `connections.rejected`, since 6.3. */
  readonly rejected: boolean;
  /** `connections.establishmentRateLimit`, since 8.2. */
  readonly rateLimit: boolean;
  readonly isFromUserConnection: boolean;
  /** Up to 8.0 `effectiveUsers` comes from the connection; from 8.2 from the operation, which an idle one lacks. */
  readonly idleUsersTold: boolean;
  /** 6.0 tells which latch a waiting operation holds. */
  readonly waitingForLatch: boolean;
  /** `targetAllNodes` of `$currentOp`, since 7.1. */
  readonly targetAllNodes: boolean;
}

export const VERSIONS: Readonly<Record<ServerVersion, VersionFacts>> = {
  '6.0': {
    full: '6.0.5',
    maxWireVersion: 17,
    rejected: false,
    rateLimit: false,
    isFromUserConnection: false,
    idleUsersTold: true,
    waitingForLatch: true,
    targetAllNodes: false,
  },
  '7.0': {
    full: '7.0.28',
    maxWireVersion: 21,
    rejected: true,
    rateLimit: false,
    isFromUserConnection: false,
    idleUsersTold: true,
    waitingForLatch: false,
    targetAllNodes: false,
  },
  '8.0': {
    full: '8.0.29',
    maxWireVersion: 25,
    rejected: true,
    rateLimit: false,
    isFromUserConnection: true,
    idleUsersTold: true,
    waitingForLatch: false,
    targetAllNodes: true,
  },
  '8.2': {
    full: '8.2.3',
    maxWireVersion: 27,
    rejected: true,
    rateLimit: true,
    isFromUserConnection: true,
    idleUsersTold: false,
    waitingForLatch: false,
    targetAllNodes: true,
  },
};
