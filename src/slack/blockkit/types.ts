// The results of view functions, and the places where they are shown.

import type { KnownBlock } from '@slack/types';
import type { ChartBlock } from './chart.ts';

export type ViewBlock = KnownBlock | ChartBlock;

/** A message: `text` reads well alone, in notifications and to screen readers. */
export interface MessageView {
  readonly text: string;
  readonly blocks: readonly ViewBlock[];
}

/** One person's App Home. */
export interface HomeView {
  readonly type: 'home';
  readonly blocks: readonly KnownBlock[];
}

/**
 * The style of tables: sortable, plain, or text where a workspace refuses both; short pages of text where it refused
 * that too.
 */
export type TableStyle = 'data_table' | 'table' | 'text' | 'short';

/** A page of a table. The places are those of its first row and of the first row after it. */
export interface TablePage {
  readonly block: KnownBlock;
  readonly from: number;
  readonly end: number;
  /** The first row of the page before; null on the first. */
  readonly earlier: number | null;
  /** The number of rows on all pages. */
  readonly of: number;
}

/** The place of a view. It decides about the view's buttons. */
export type MessagePlace =
  /** An ephemeral answer to one person: Refresh, Nodes, Share, Back. */
  | { readonly kind: 'answer' }
  /** A message for everyone in a channel; a click opens an ephemeral answer. */
  | {
      readonly kind: 'shared';
      readonly by: string /** By a mention: nobody pressed Share. */;
      readonly isAnswer?: boolean;
    }
  /** App Home, which has no response URL: Back leads to the overview. */
  | { readonly kind: 'home' };
