// A sentence of the watch: a reply in an alert's thread, a note of its own, a direct word.

import { context, message, prose } from '../blockkit/blocks.ts';
import type { Phrase } from '../blockkit/rich-text.ts';
import type { MessageView } from '../blockkit/types.ts';
import { mentioned } from './alert.ts';

export interface Notice {
  readonly lines: readonly Phrase[];
  /** Ids of users and user groups, or words. */
  readonly mentions: readonly string[];
  /** Why it comes late; null where it does not. */
  readonly late: Phrase | null;
}

export function noticeView({ lines, mentions, late }: Notice): MessageView {
  const all = mentions.length === 0 ? lines : [...lines, mentioned(mentions)];
  return message({
    said: late === null ? all : [...all, late],
    above: [prose(all)],
    below: [late === null ? null : context([late])],
  });
}

/** One part of a phrase is cut where it is long; a sentence of the watch is said whole. */
const LONGEST_PART = 400;

/** Plain text, line by line, in parts that fit. */
export function linesOf(text: string): readonly Phrase[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => partsOf(line));
}

function partsOf(line: string): Phrase {
  if (line.length <= LONGEST_PART) return [line];
  const blank = line.lastIndexOf(' ', LONGEST_PART);
  const end = blank > 0 ? blank + 1 : LONGEST_PART;
  return [line.slice(0, end), ...partsOf(line.slice(end))];
}
