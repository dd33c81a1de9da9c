// The rules in force, as a table of text: a message has room for one table, and that is the alerts'.

import type { KnownBlock } from '@slack/types';
import { counted, span } from '../../core/base/format.ts';
import { RULE_NAMES, type RuleBook, ruleWords } from '../../core/detection/rules.ts';
import { context } from '../blockkit/blocks.ts';
import { LIMITS } from '../blockkit/limits.ts';
import { table } from '../blockkit/table.ts';

interface Row {
  readonly rule: string;
  readonly fires: string;
  readonly readings: string;
}

/** Each rule that is on, with its line and unit; then those that are off, the overrides and the repetition. */
export function rulesBlocks({ rules, overrides }: RuleBook): readonly KnownBlock[] {
  const rows = RULE_NAMES.flatMap((rule): readonly Row[] => {
    const words = ruleWords(rules, rule);
    return words === null ? [] : [{ rule, ...words }];
  });
  const off = RULE_NAMES.filter((rule) => rules[rule] === null);
  const more = [
    off.length === 0 ? [] : [`Off: ${off.join(', ')}.`],
    overrides.length === 0 ? [] : [`${counted(overrides.length, 'override')} in the settings.`],
    [`An alert that still fires is repeated after ${span(rules.repeat)}.`],
  ].flat();
  const drawn = table<Row>({
    caption: 'Rules',
    columns: [
      { title: 'Rule', kind: 'name', cell: ({ rule }) => rule },
      { title: 'Fires at', kind: 'sentence', cell: ({ fires }) => fires },
      { title: 'Readings', kind: 'name', cell: ({ readings }) => readings },
    ],
    rows,
    rest: () => ({ rule: '-', fires: '-', readings: '-' }),
    style: 'text',
    room: LIMITS.tableCharacters,
  });
  return [...(drawn === null ? [] : [drawn]), context([[more.join(' ')]])];
}
