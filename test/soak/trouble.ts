// What is done to the bot and to its world, one thing at a time, each for a while and then ended.

import { setTimeout as pause } from 'node:timers/promises';
import { apiError } from '../sandbox/atlas/fault.ts';
import type { StandInProject } from '../sandbox/project.ts';
import type { RunningCluster } from '../sandbox/scenario/scenario.ts';
import type { SlackControls } from '../sandbox/slack/server.ts';
import type { SlackStandIn } from '../sandbox/slack/stand-in.ts';
import type { SoakedBot } from './bot.ts';
import { ZONE } from './fleet.ts';

export interface Trouble {
  readonly name: string;
  begin(round: number): void | Promise<void>;
  end(round: number): void | Promise<void>;
  /** How often the usual time it lasts; 1 unless told. */
  readonly times?: number;
}

export interface Around {
  readonly project: StandInProject;
  readonly slack: SlackStandIn & SlackControls;
  readonly bot: SoakedBot;
}

const FORWARD_MS = 10 * 60_000;
const BACK_MS = -3 * 60_000;

export function troublesOf({ project, slack, bot }: Around): readonly Trouble[] {
  const { faults } = slack;
  const { clusters } = project.scenario;
  const one = (round: number): RunningCluster => {
    const found = clusters[(round * 5 + 1) % clusters.length];
    if (found === undefined) throw new Error('there is no cluster');
    return found;
  };
  const [first] = clusters;
  const dns = { zone: ZONE, ports: first?.set.nodes.map(({ port }) => port) ?? [] };
  const calm = () => faults.clear();
  const again = () => undefined;
  return [
    { name: 'Slack says 429', begin: () => faults.rateLimit('*', 2, 12), end: calm },
    { name: 'Slack says 503', begin: () => faults.fail('*', 503, 30), end: calm },
    { name: 'Slack is slow', begin: () => faults.slow(1_500), end: calm },
    { name: 'the socket is cut', begin: () => faults.dropSockets(), end: again },
    {
      name: 'Slack takes what it does not answer',
      begin: () => faults.answerThenDrop('chat.postMessage', 4),
      end: calm,
    },
    { name: 'a node is lost', begin: (round) => one(round).lostNode(2), end: (round) => one(round).nodeBack(2) },
    { name: 'an election', begin: (round) => one(round).election(), end: again },
    { name: 'nodes cut their connections', begin: () => clusters.forEach(disconnect), end: again },
    {
      name: 'Atlas says 500',
      begin: () => project.atlas.faults.add(/./, SERVER_ERROR),
      end: () => project.atlas.faults.clear(),
    },
    {
      name: 'nobody resolves a name',
      begin: () => bot.tell({ dns: null, clockMs: 0 }),
      end: () => bot.tell({ dns, clockMs: 0 }),
    },
    ...(clusters.length < 2 ? [] : [removal(project)]),
    { name: 'the machine sleeps', begin: () => bot.sleep(), end: () => bot.wake(), times: 2 },
    { name: 'Slack is away', begin: () => faults.away(), end: () => faults.back() },
    {
      name: 'the clock is 10 minutes ahead',
      begin: () => bot.tell({ dns, clockMs: FORWARD_MS }),
      end: () => bot.tell({ dns, clockMs: 0 }),
    },
    {
      name: 'the clock is 3 minutes back',
      begin: () => bot.tell({ dns, clockMs: BACK_MS }),
      end: () => bot.tell({ dns, clockMs: 0 }),
    },
  ];
}

const SERVER_ERROR = apiError(500, 'UNEXPECTED_ERROR', { detail: 'The soak says so.' });

/** The list of clusters is held for a minute, and asked for at least every half. */
const NOTICED_MS = 120_000;

/** It lasts until the bot has closed what it had open. The first cluster stays: it is the one that is found by DNS. */
function removal({ atlas, scenario }: StandInProject): Trouble {
  const listed = atlas.scenario.clusters;
  let away: (typeof listed)[number] | undefined;
  return {
    name: 'a cluster is removed and created anew',
    begin(round) {
      [away] = listed.splice(1 + ((round * 5) % (listed.length - 1)), 1);
    },
    async end() {
      if (away === undefined) return;
      const name = String(away['name']);
      const { nodes } = scenario.cluster(name).set;
      const open = () => nodes.reduce((sum, node) => sum + node.open(), 0);
      const until = performance.now() + NOTICED_MS;
      while (open() > 0 && performance.now() < until) await pause(500);
      if (open() > 0) throw new Error(`${name} was removed, and its nodes still have ${open()} connections of ours`);
      listed.push(away);
    },
  };
}

function disconnect({ set }: RunningCluster): void {
  for (const node of set.nodes) node.disconnect();
}
