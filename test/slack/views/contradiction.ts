// What contradicts itself in the message of an alert or an incident: title, state and figures, as people read them.

import type { MessageView } from '../../../src/slack/blockkit/types.ts';
import { drawn } from './drawn.ts';

interface Read {
  /** Without its mark. */
  readonly title: string;
  readonly mark: string;
  /** The lines of the blocks, without marks for bold words. Times stand in braces. */
  readonly lines: readonly string[];
  /** Cells of the table, row by row; empty without one. */
  readonly rows: readonly (readonly string[])[];
  readonly impact: string;
  /** Seconds since 1970; null where the message does not say it. */
  readonly checkedAt: number | null;
  readonly resolvesAt: number | null;
  readonly figuresAt: number | null;
}

type Check = (read: Read) => readonly string[];

/** One sentence for each contradiction; empty for a message that is true to itself. */
export function contradictionsIn(message: Pick<MessageView, 'text' | 'blocks'>): readonly string[] {
  const read = readOf(message);
  return CHECKS.flatMap((check) => check(read));
}

const MARKS: Readonly<Record<string, string>> = {
  '🔴': 'Critical',
  '🟠': 'Warning',
  '🟡': 'Recovering',
  '🔵': 'Acknowledged',
  '🔕': 'Silenced',
  '🟢': 'Resolved',
};

const date = '<!date\\^(\\d+)\\^[^>]*>';
const secondsAfter = (text: string, words: string): number | null => {
  const found = new RegExp(`${words} ${date}`).exec(text)?.[1];
  return found === undefined ? null : Number(found);
};

function readOf(message: Pick<MessageView, 'text' | 'blocks'>): Read {
  const lines = drawn(message).replaceAll('**', '').split('\n');
  const [head = ''] = lines;
  const [mark = ''] = head.split(' ');
  const small = lines.filter((line) => line.startsWith('small: ')).join('\n');
  const [title = ''] = message.text.replaceAll('\u2060', '').split('\n');
  return {
    title,
    mark,
    lines,
    rows: lines.filter((line) => line.includes(' | ')).map((line) => line.split(' | ')),
    impact: lines.find((line) => line.startsWith('Impact: ')) ?? '',
    checkedAt: secondsAfter(small, 'last checked'),
    figuresAt: secondsAfter(small, 'figures as of'),
    resolvesAt: secondsAfter(title, 'resolves at'),
  };
}

const isCalm = (title: string) => /^(Recovering|Resolved)\b|, recovering\b/.test(title);
const numberIn = (words: string | undefined): number | null => {
  const found = /\d[\d,]*(\.\d+)?/.exec(words ?? '')?.[0];
  return found === undefined ? null : Number(found.replaceAll(',', ''));
};

const CHECKS: readonly Check[] = [
  function stateOfMark({ mark, title }) {
    const word = MARKS[mark];
    if (word === undefined) return [`the first character is no mark: ${mark}`];
    return title.startsWith(word) ? [] : [`${mark} stands before "${title}"`];
  },

  function nodeAtItsLimit({ title, lines, impact }) {
    const isOfNode = lines.some((line) => /^small: (node-headroom|rejected) on /.test(line));
    const share = numberIn(/ at (\d+) % of /.exec(impact)?.[1]) ?? 0;
    const isFull = share >= 99 || / is full: /.test(title);
    return isOfNode && isFull && isCalm(title) ? [`"${title}" at the limit: ${impact}`] : [];
  },

  function refusedAndNot({ title, lines }) {
    const text = [title, ...lines].join('\n');
    const isOngoing = / refused [1-9][\d,]* connections? since |refuses connections: [1-9]/.test(text);
    const isAny = / refused [1-9][\d,]* connections? /.test(text);
    const saysNone = /[Nn]obody is refused|[Nn]o connection was refused|refuses none/.test(text);
    const saysOver = /[Nn]o connection refused/.test(title);
    return (saysNone && isAny) || ((saysNone || saysOver) && isOngoing) ? [`it says both of refusals: ${title}`] : [];
  },

  function calmAndCritical({ title }) {
    return /\bcritical\b/i.test(title) && /recovering|resolved/i.test(title) ? [`critical and over: "${title}"`] : [];
  },

  function nowWithoutTime({ lines }) {
    // Columns are apart from each other.
    const said = lines.filter((line) => !/ \| |\S {2,}\S/.test(line) && !line.startsWith('('));
    const bare = said.filter((line) => {
      const rest = line.replace(/^Do now: /, '');
      return /\bnow\b/i.test(rest) && !/\{|<!date/.test(rest);
    });
    return bare.map((line) => `"now" without a time: ${line}`);
  },

  function figuresOfNode({ title, impact }) {
    const [, current, limit] = /: ([\d,]+) of ([\d,]+) connections/.exec(title) ?? [];
    const [, share, ofLimit] = / at ([\d.]+) % of ([\d,]+) /.exec(impact) ?? [];
    const [now, most, said, seen] = [current, limit, share, ofLimit].map(numberIn);
    if (now == null || most == null || said == null) return [];
    const isSame = most === seen && Math.abs((now / most) * 100 - said) <= 1;
    return isSame ? [] : [`the title says ${now} of ${most}, the impact "${impact}"`];
  },

  function figuresOfRefusals({ title, impact }) {
    const inTitle = numberIn(/ refuse[sd] (?:connections: )?([\d,]+) /.exec(title)?.[1]);
    const inImpact = numberIn(/ refused ([\d,]+) connections? /.exec(impact)?.[1]);
    return inTitle === null || inImpact === null || inTitle === inImpact
      ? []
      : [`the title says ${inTitle} refused, the impact ${inImpact}`];
  },

  /** The row of the title's subject shows the title's figure. */
  function figuresOfRow({ title, rows }) {
    const [, subject, figure] =
      / — (.+?)(?:: | is full: | (?:is|refuses connections) at [^:]+: )([\d,.]+) /.exec(title) ?? [];
    const [, ...body] = rows;
    if (subject === undefined || isCalm(title)) return [];
    const own = body.filter(([name = '']) => name === subject || name.startsWith(`${subject}, `));
    const isShown = own.length === 0 || own.some(([, now]) => numberIn(now) === numberIn(figure));
    return isShown
      ? []
      : [`the title says ${figure} of ${subject}, its row ${own.map((row) => row.join(', ')).join('; ')}`];
  },

  function timesInOrder({ title, checkedAt, resolvesAt, figuresAt }) {
    if (checkedAt === null) return [`nothing tells when it was last checked: "${title}"`];
    return [
      ...(resolvesAt !== null && resolvesAt < checkedAt ? [`it should be resolved already: "${title}"`] : []),
      ...(figuresAt !== null && figuresAt > checkedAt ? [`its figures are newer than its check: "${title}"`] : []),
    ];
  },

  function phoneAndMessage({ title, lines: [head = ''], mark }) {
    const plainly = (words: string) =>
      words.replaceAll(/<!date[^>]*\|([^>]*)>|\{([^}]*)\}/g, '$1$2').replaceAll(/<[^>]+>/g, '@');
    const [phone, shown] = [plainly(title), plainly(head.slice(mark.length + 1))];
    return phone === shown ? [] : [`the phone says "${phone}", the message "${shown}"`];
  },
];
