// All that the worker does for the bot, by name.

import { checkpointHead, checkpointPage, saveCheckpoint } from './checkpoints.ts';
import { claim, lastClaim } from './claim.ts';
import { adopt, doubted, dropped, forget, place, postponed, sent, take, waiting } from './outbox.ts';
import { clusters, snapshotPage, sources } from './readings.ts';
import { alert, alerts, group, head, silences } from './record.ts';
import { tidyStep } from './retention.ts';
import { series } from './series.ts';
import { hasReading, write } from './write.ts';

export const OPERATIONS = {
  claim,
  lastClaim,
  write,
  hasReading,
  head,
  checkpointHead,
  checkpointPage,
  saveCheckpoint,
  snapshotPage,
  series,
  sources,
  clusters,
  alerts,
  alert,
  group,
  silences,
  take,
  sent,
  postponed,
  doubted,
  dropped,
  adopt,
  place,
  forget,
  waiting,
  tidyStep,
} as const;

export type Operations = typeof OPERATIONS;
export type OperationName = keyof Operations;
export type Input<Name extends OperationName> = Parameters<Operations[Name]>[1];
export type Output<Name extends OperationName> = ReturnType<Operations[Name]>;
