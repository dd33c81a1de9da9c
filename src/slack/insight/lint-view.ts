// What the linter found, as a modal and as a message: the worst first, the corrected string, and what the driver will
// do. A report holds no credentials; it is shown unchanged, as rich text, in which Slack parses nothing.

import type { KnownBlock, ModalView, RichTextBlock } from '@slack/types';
import { clipped, count, counted } from '../../core/base/format.ts';
import {
  type EffectiveOption,
  findingCounts,
  type LintFinding,
  type LintReport,
  verdictOf,
} from '../../core/lint/report.ts';
import { ACTIONS, type ActionId } from '../blockkit/action-values.ts';
import { actions, bullets, button, context, drawn, message, plainWords, prose } from '../blockkit/blocks.ts';
import { LIMITS } from '../blockkit/limits.ts';
import { bold, code, type Phrase, plain } from '../blockkit/rich-text.ts';
import type { MessageView } from '../blockkit/types.ts';
import { PASSED } from '../views/notices.ts';
import { type FormPlace, packPlace } from './lint-form.ts';

/** A cluster's node with the least room for the application, from a reading. */
export interface ClusterRoom {
  readonly cluster: string;
  readonly node: string;
  readonly limit: number;
  /** Open connections on it, of all programs. */
  readonly current: number;
  /** Of that, what the appName of the string holds; null where nothing tells it from others. */
  readonly own: number | null;
}

export interface Linted {
  readonly report: LintReport;
  /** What the string was held against; null without a fleet. */
  readonly fleet: { readonly instances: number; readonly room: ClusterRoom } | null;
}

const TERMINAL = 'atlas-conns lint';

/** Takes the place of the form. */
export function lintedModal(linted: Linted, place: FormPlace): ModalView {
  const lines = answerLines(linted);
  return {
    type: 'modal',
    private_metadata: packPlace(place),
    title: plainWords('Connection string'),
    close: plainWords('Close'),
    blocks: [...answerBlocks(linted, { lines, again: ACTIONS.lintAgain, most: LIMITS.homeBlocks })],
  };
}

/**
 * For a string that was typed into a command or a message.
 * @param undone the command before it, which is not carried out
 */
export function lintedMessage(linted: Linted, undone: string | null): MessageView {
  const lines = [...(undone === null ? [] : [undoneLine(undone)]), PASSED, ...answerLines(linted)];
  const { report } = linted;
  return message({
    said: [...lines, ...report.findings.map(findingLine)],
    above: answerBlocks(linted, { lines, again: ACTIONS.lintOpen, most: LIMITS.messageBlocks }),
    below: [],
  });
}

/** @param problem why no form was opened already; null where none could be, as after a mention */
export function offerView(problem: string | null): MessageView {
  const line: Phrase = ['Do not write the connection string here: the form takes it, and it is posted nowhere.'];
  const lines = problem === null ? [line] : [[problem], line];
  return message({
    said: lines,
    above: [prose(lines)],
    below: [actions([button({ action: ACTIONS.lintOpen, word: 'Lint a connection string', value: ACTIONS.lintOpen })])],
  });
}

function undoneLine(command: string): Phrase {
  return [
    bold('The command was not carried out: '),
    code(command),
    ' takes no connection string. Write it again without the string.',
  ];
}

const SEVERITY = { error: 'Error', warning: 'Warning', info: 'Note' } as const;

function answerLines({ report, fleet }: Linted): readonly Phrase[] {
  const { findings, hosts, database, authSource } = report;
  const found = findingCounts(findings) ?? 'Nothing to correct';
  const named = hosts.slice(0, MOST_HOSTS).map((host) => clipped(host));
  const more = hosts.length - named.length;
  const about = [
    hosts.length === 0 ? null : `Hosts: ${named.join(', ')}${more > 0 ? ` and ${count(more)} more` : ''}`,
    database === null ? null : `database: ${clipped(database)}`,
    authSource === null ? null : `authSource: ${clipped(authSource)}`,
  ].filter((part) => part !== null);
  return [
    [bold(`${found}: ${verdictOf(report)}.`)],
    ...(about.length === 0 ? [] : [[about.join(' · ')]]),
    ...(fleet === null ? [] : [roomLine(fleet)]),
  ];
}

const MOST_HOSTS = 5;

function roomLine({ instances, room }: NonNullable<Linted['fleet']>): Phrase {
  const { cluster, node, limit, current, own } = room;
  const open = `${count(current)} of ${count(limit)} connections are open on ${clipped(node)} by the last reading`;
  const whose =
    own === null
      ? 'with those of this application if it runs already'
      : `${count(own)} of them with this appName, and ${count(current - own)} of others`;
  return [`${counted(instances, 'instance')} for `, bold(cluster), `: ${open}, ${whose}.`];
}

function findingLine({ severity, id, text, fix }: LintFinding): Phrase {
  return [`${SEVERITY[severity]} ${id}: `, ...partsOf(text), ' ', ...partsOf(fix)];
}

function answerBlocks(
  { report }: Linted,
  { lines, again, most }: { readonly lines: readonly Phrase[]; readonly again: ActionId; readonly most: number },
): readonly KnownBlock[] {
  const head = prose(lines);
  const rest = [
    ...correctedBlocks(report),
    ...effectiveBlocks(report),
    actions([button({ action: again, word: 'Lint another', value: again })]),
    context([['Nothing of the string is kept here.']]),
  ];
  const findings = report.findings.map(findingBlock);
  const room = LIMITS.drawn - MORE_ROOM - drawn([head, ...rest]);
  const shown = fitting(findings, { room, most: most - rest.length - 2 });
  const more = findings.length - shown.length;
  return [head, ...shown, ...(more === 0 ? [] : [prose([moreLine(more)])]), ...rest];
}

const MORE_ROOM = 100;
const moreLine = (more: number): Phrase => [`and ${count(more)} more: `, code(TERMINAL), ' in a terminal shows all.'];

function fitting(
  blocks: readonly RichTextBlock[],
  { room, most }: { readonly room: number; readonly most: number },
): readonly RichTextBlock[] {
  let left = room;
  const end = blocks.findIndex((block, at) => {
    left -= drawn(block);
    return left < 0 || at >= most;
  });
  return end === -1 ? blocks : blocks.slice(0, end);
}

function findingBlock({ severity, id, text, fix }: LintFinding): RichTextBlock {
  return prose([[bold(SEVERITY[severity]), ' ', code(id)], partsOf(text), ['→ ', ...partsOf(fix)]]);
}

/** A part of a phrase is clipped at a length. */
const LONGEST_PART = 500;
function partsOf(words: string): Phrase {
  return words.match(new RegExp(`[^]{1,${LONGEST_PART}}`, 'gu')) ?? [];
}

/** Of a corrected string. A longer one would leave no room for what is wrong with it. */
const LONGEST_CORRECTED = 3_500;
/** Slack's limit for the text of one element is 3,000. */
const LONGEST_PIECE = 2_500;

function correctedBlocks({ repaired }: LintReport): readonly RichTextBlock[] {
  if (repaired === null || repaired === '') return [];
  if (repaired.length > LONGEST_CORRECTED)
    return [prose([['The corrected string is too long for Slack: ', code(TERMINAL), ' in a terminal shows it.']])];
  // Without a line end between them: they are copied as one line.
  const pieces = repaired.match(new RegExp(`[^]{1,${LONGEST_PIECE}}`, 'gu')) ?? [];
  const elements = pieces.map((piece) => ({ type: 'text' as const, text: plain(piece, { max: LIMITS.contextText }) }));
  return [
    prose([[bold('Corrected')]]),
    { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements }] },
  ];
}

function effectiveBlocks({ effective }: LintReport): readonly RichTextBlock[] {
  if (effective.length === 0) return [];
  // What the string says first: a default is no surprise.
  const sorted = effective.toSorted((a, b) => ORIGINS.indexOf(a.from) - ORIGINS.indexOf(b.from));
  const lines = sorted.slice(0, MOST_EFFECTIVE).map(effectiveLine);
  const more = effective.length - lines.length;
  return [prose([[bold('What applies')]]), bullets(more === 0 ? lines : [...lines, moreLine(more)])];
}

const ORIGINS: readonly EffectiveOption['from'][] = ['string', 'srv', 'default'];
const MOST_EFFECTIVE = 40;
const LONGEST_VALUE = 120;

function effectiveLine({ name, value, fallback, from }: EffectiveOption): Phrase {
  // authSource comes from DNS, with the host's TXT record; tls from the scheme itself.
  const srv = name === 'tls' ? 'from mongodb+srv://' : 'from DNS';
  const origin = { string: 'in the string', default: 'default', srv }[from];
  const other = from === 'default' || fallback === null ? '' : `; default ${clipped(fallback, LONGEST_VALUE)}`;
  return [code(`${name}=${clipped(value, LONGEST_VALUE)}`), ` ${origin}${other}`];
}
