// Fallbacks for a message that Slack refused: first smaller and plainer, then its words alone.

import type { KnownBlock } from '@slack/types';
import { drawn, prose } from './blocks.ts';
import { chartLine } from './chart.ts';
import { LIMITS } from './limits.ts';
import { plain, text } from './rich-text.ts';
import type { MessageView, ViewBlock } from './types.ts';

/** Far below the documented limit, because the cause of the refusal is undocumented. */
const BLOCKS = 12;
const DRAWN = 3_000;
const OPTIONS = 20;
const LINE = 120;

/** The first blocks, with fewer options. Its tables are `short` already. */
export function clamped({ text: said, blocks }: MessageView): MessageView {
  const kept: KnownBlock[] = [];
  for (const block of blocks.map(unplotted).map(smaller)) {
    if (kept.length < BLOCKS && drawn([...kept, block]) <= DRAWN) kept.push(block);
  }
  return { text: said, blocks: kept };
}

/** The last resort, without blocks: `text` and the lines of the blocks, as much as fits in one message. */
export function asText({ text: said, blocks }: MessageView): MessageView {
  const lines = blocks.flatMap((block) => (isTable(block) ? tableLines(block) : []));
  let words = said;
  for (const line of lines.map((one) => text(one, { max: LINE * 2 }))) {
    // The … of a cut needs two more characters.
    if (words.length + line.length + 3 > LIMITS.messageText) return { text: `${words}\n…`, blocks: [] };
    words = `${words}\n${line}`;
  }
  return { text: words, blocks: [] };
}

type TableBlock = Extract<KnownBlock, { type: 'table' | 'data_table' }>;

interface PlainView extends MessageView {
  readonly blocks: readonly KnownBlock[];
}

/** Charts become a sentence: App Home accepts none, and some workspaces refuse them. */
export function withoutCharts({ text: said, blocks }: MessageView): PlainView {
  return { text: said, blocks: blocks.map(unplotted) };
}

function unplotted(block: ViewBlock): KnownBlock {
  return block.type === 'data_visualization' ? prose([chartLine(block)]) : block;
}

function isTable(block: ViewBlock): block is TableBlock {
  return block.type === 'table' || block.type === 'data_table';
}

function smaller(block: KnownBlock): KnownBlock {
  if (block.type !== 'actions') return block;
  const elements = block.elements.map((element) =>
    element.type === 'static_select' && element.options !== undefined
      ? { ...element, options: element.options.slice(0, OPTIONS) }
      : element,
  );
  return { ...block, elements };
}

/** `Billing API · 4 · 412`, row by row. */
function tableLines({ rows }: TableBlock): readonly string[] {
  return rows.map((cells) => plain(cells.map(wordsOf).join(' · '), { max: LINE }));
}

/** The text of a cell of any type. */
function wordsOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(wordsOf).join('');
  if (typeof value !== 'object' || value === null) return '';
  if ('text' in value && typeof value.text === 'string') return value.text;
  if ('fallback' in value && typeof value.fallback === 'string') return value.fallback;
  return 'elements' in value ? wordsOf(value.elements) : '';
}
