// App Home: every cluster at a glance, with what is known at once, then with what is read now.

import type { Board } from '../../core/ports/monitor.ts';
import type { BotStatus, Desk } from '../../core/ports/reports.ts';
import type { Timing } from '../client/settings.ts';
import type { Guest, Reception } from '../requests/handle-request.ts';
import { withProgress } from '../requests/progress.ts';
import { type ClusterCard, homeView } from '../views/home.ts';

export interface HomeInput {
  readonly desk: Desk;
  readonly explained: Reception['explained'];
  readonly timing: Timing;
}

/** Shows the overview; `fresh` reads every cluster again. */
export type ShowHome = (guest: Guest, options: { readonly fresh: boolean }) => Promise<void>;

export function createHome({ desk, explained, timing }: HomeInput): ShowHome {
  /** Null where the store does not tell: the status says why. */
  const boardOf = async (guest: Guest): Promise<Board | null> => {
    try {
      return (await desk.watching?.board(guest.signal)) ?? null;
    } catch (error) {
      explained(error, guest);
      return null;
    }
  };
  return async (guest, { fresh }) => {
    const { signal, reply } = guest;
    const known = async (): Promise<readonly ClusterCard[]> => {
      const { names } = await desk.clusters(signal);
      return names.map((name) => ({ name, answer: desk.last(name), problem: null }));
    };
    const read = async (name: string): Promise<ClusterCard> => {
      try {
        return { name, answer: await desk.report(name, { fresh, signal }), problem: null };
      } catch (error) {
        return { name, answer: desk.last(name), problem: explained(error, guest) };
      }
    };
    const publish = async (clusters: readonly ClusterCard[], status: BotStatus) => {
      const board = await boardOf(guest);
      return reply.show((tables) => ({ text: TITLE, blocks: homeView({ clusters, status, board, tables }).blocks }));
    };
    const [overview, before] = await Promise.all([known(), desk.status(signal)]);
    const cards = await withProgress({
      afterMs: timing.readingAfter,
      show: () => publish(overview, before),
      work: Promise.all(overview.map(({ name }) => read(name))),
    });
    await publish(cards, await desk.status(signal));
  };
}

const TITLE = 'Connections of every cluster';
