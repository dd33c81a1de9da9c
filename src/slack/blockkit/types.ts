// What a view function returns, and what the person before it can be shown.

import type { KnownBlock } from '@slack/types';
import type { ChartBlock } from './chart.ts';

export type ViewBlock = KnownBlock | ChartBlock;

/** A message: `text` reads well alone, in notifications and to screen readers. */
export interface MessageView {
  readonly text: string;
  readonly blocks: readonly ViewBlock[];
}

/** App Home of one person. */
export interface HomeView {
  readonly type: 'home';
  readonly blocks: readonly KnownBlock[];
}

/** How tables are shown: sortable, plain, or as text where a workspace refuses both. */
export type TableStyle = 'data_table' | 'table' | 'text';

/** Where a view is shown, which decides about its buttons. */
export type MessagePlace =
  /** An ephemeral answer to one person: Refresh, Nodes, Share, Back. */
  | { readonly kind: 'answer' }
  /** A message for everybody in a channel: a click opens an ephemeral answer. */
  | {
      readonly kind: 'shared';
      readonly by: string /** By a mention: nobody pressed Share. */;
      readonly isAnswer?: boolean;
    }
  /** App Home, which has no response URL: Back leads to the overview. */
  | { readonly kind: 'home' };
