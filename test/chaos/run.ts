// One schedule from its first reading to the calm after it, in this process; and what came of it.

import { setTimeout as pause } from 'node:timers/promises';
import { DEFAULT_SCOPES } from '../sandbox/slack/scopes.ts';
import { startSlack } from '../sandbox/slack/server.ts';
import { createClock } from './clock.ts';
import { type Crew, createCrew, type Stage } from './crew.ts';
import { CLUSTER, MINUTE, START } from './history.ts';
import { type Ending, meet } from './meet.ts';
import { actOn } from './people.ts';
import { type Schedule, WITNESS } from './schedule.ts';
import type { Shelf } from './shelf.ts';
import { recordsIn, type Verdict, verdictOn } from './verdict.ts';

export interface Outcome {
  readonly schedule: Schedule;
  readonly verdict: Verdict;
  /** What went wrong beside what is counted, in words. */
  readonly troubles: readonly string[];
}

export const BLIND = DEFAULT_SCOPES.filter((scope) => !/^(channels|groups):history$/.test(scope));
/** Longer than a clock that was set forward keeps anything waiting. */
const LONGEST_CALM = 75;
const PATIENCE = 50;
const SECOND = 1_000;

/** @param elect where the store is a replica set: makes it elect another primary */
export async function runSchedule(
  schedule: Schedule,
  shelfAt: (now: () => Date) => Shelf,
  elect: () => Promise<void> = async () => undefined,
): Promise<Outcome> {
  const work = new Set<() => number>();
  const clock = createClock(START - MINUTE / 2, () => [...work].reduce((sum, busy) => sum + busy(), 0));
  const now = () => new Date(clock.time());
  const slack = await startSlack({ now, ...(schedule.isBlind && { scopes: BLIND }) });
  const shelf = shelfAt(now);
  const written = new Set<string>();
  const errors: string[] = [];
  let isCalm = false;
  const stage: Stage = {
    ...{ schedule, slack, clock, shelf, work, errors },
    trouble: { away: false, silent: false },
    onWritten: ({ deliveries }) => {
      for (const { id } of deliveries) written.add(id);
    },
    isCalm: () => isCalm,
  };
  try {
    const crew = await createCrew(stage);
    const elections = await play(stage, crew, elect);
    isCalm = true;
    const store = await shelf.look();
    const isCalmed = await calmDown(stage, crew);
    await elections;
    const verdict = verdictOn(slack, await recordsIn(store), written);
    for (const { fate } of crew.members()) fate.kill();
    return { schedule, verdict, troubles: [...new Set(errors), ...(isCalmed ? [] : ['it never calmed down'])] };
  } finally {
    await shelf.close();
    await slack.close();
  }
}

async function play(stage: Stage, crew: Crew, elect: () => Promise<void>): Promise<Promise<void>> {
  const { schedule, clock } = stage;
  const endings: Ending[] = [];
  let elections = Promise.resolve();
  for (let reading = 0; reading < schedule.readings; reading++) {
    for (const fault of schedule.faults.filter(({ at }) => at === reading)) {
      meet(fault, stage, { crew, endings });
      if (fault.kind === 'election') elections = elections.then(elect);
    }
    const [member] = crew.members();
    for (const act of schedule.acts.filter(({ at }) => at === reading)) if (member !== undefined) actOn(act, member);
    await clock.pass(MINUTE);
    for (const ending of [...endings]) {
      if (ending.at > clock.time()) continue;
      endings.splice(endings.indexOf(ending), 1);
      ending.end();
    }
    await crew.replace();
  }
  for (const { end } of endings) end();
  return elections;
}

/** Everything is well again: the witness spikes, and nothing may be left to be told. */
async function calmDown({ slack, trouble, clock, shelf }: Stage, crew: Crew): Promise<boolean> {
  slack.faults.clear();
  Object.assign(trouble, { away: false, silent: false });
  for (const { fate, wire, host } of crew.members()) {
    fate.spare();
    fate.thaw();
    wire.delay(0, 0);
    host.step(clock.time() - host.now().getTime());
  }
  await crew.replace();
  for (let minute = 0; minute < LONGEST_CALM; minute++) {
    await clock.pass(MINUTE);
    const store = await shelf.look();
    // What is in doubt is looked for after a wait that no clock of ours shortens.
    for (let turn = 0; turn < PATIENCE && (await store.waiting()).count > 0; turn++) {
      await pause(20);
      await clock.pass(SECOND);
    }
    const alerts = await store.alerts({ cluster: CLUSTER, endedSince: 0 });
    const { count } = await store.waiting();
    if (count === 0 && alerts.some(({ source, state }) => source === WITNESS && state === 'firing')) return true;
  }
  return false;
}
