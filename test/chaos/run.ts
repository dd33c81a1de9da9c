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
import { agedOn, recordsIn, type Verdict, verdictOn } from './verdict.ts';

export interface Outcome {
  readonly schedule: Schedule;
  readonly verdict: Verdict;
  /** What went wrong beside what is counted, in words. */
  readonly troubles: readonly string[];
}

export const BLIND = DEFAULT_SCOPES.filter((scope) => !/^(channels|groups):history$/.test(scope));
/** Longer than a clock that was set forward keeps anything waiting. */
const LONGEST_CALM = 75;
/** Longer than edits are refused: what only refreshes waits for a minute more, and then a few seconds for each other. */
const LONGEST_AGED = 5;
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
    const records = await recordsIn(store);
    const counted = verdictOn(slack, records, written);
    const verdict = { ...counted, stale: [...counted.stale, ...agedOn(slack, records)] };
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
async function calmDown({ schedule, slack, trouble, clock, shelf }: Stage, crew: Crew): Promise<boolean> {
  slack.faults.clear();
  Object.assign(trouble, { away: false, silent: false });
  for (const { fate, wire, host } of crew.members()) {
    fate.spare();
    fate.thaw();
    wire.delay(0, 0);
    host.step(clock.time() - host.now().getTime());
  }
  await crew.replace();
  // After a clock that was set forward no reading is news before that time has come.
  const isSet = schedule.faults.some(({ kind }) => kind === 'clock-forward' || kind === 'clock-back');
  const longestAged = isSet ? LONGEST_CALM : LONGEST_AGED;
  const isTold = async () => {
    const store = await shelf.look();
    return (await store.waiting()).count === 0 && agedOn(slack, await recordsIn(store)).length === 0;
  };
  for (let minute = 0; minute < LONGEST_CALM; minute++) {
    await clock.pass(MINUTE);
    const store = await shelf.look();
    // What is in doubt is looked for after a wait that no clock of ours shortens, and refreshes are seconds apart.
    for (let turn = 0; turn < PATIENCE && !(await isTold()); turn++) {
      await pause(20);
      await clock.pass(SECOND);
    }
    const alerts = await store.alerts({ cluster: CLUSTER, endedSince: 0 });
    const { count } = await store.waiting();
    const isWitnessed = alerts.some(({ source, state }) => source === WITNESS && state === 'firing');
    if (count === 0 && isWitnessed && (minute >= longestAged || (await isTold()))) return true;
  }
  return false;
}
