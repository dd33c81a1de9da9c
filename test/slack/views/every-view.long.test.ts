// What holds for every view of every report.

import { expect, test } from 'vitest';
import { matchesKey, readView } from '../../../src/slack/blockkit/action-values.ts';
import { asText, clamped, withoutCharts } from '../../../src/slack/blockkit/fallback.ts';
import { LIMITS } from '../../../src/slack/blockkit/limits.ts';
import { homeOf } from '../../../src/slack/views/home.ts';
import { reportView } from '../../../src/slack/views/report.ts';
import { fc } from '../../core/arbitrary.ts';
import { checkHome, checkMessage, checkModal } from '../../sandbox/slack/limits/limits.ts';
import { connectionReport } from './arbitrary-report.ts';
import { everyHome, everyMessage, everyModal, SHARER } from './every-view.ts';
import { type Element, elementsOf, mrkdwnOf, sayings } from './parts.ts';

const runs = { numRuns: 12 };

test('Slack takes every view of every report, as it is, clamped, as text, inside Home and in a modal', () => {
  fc.assert(
    fc.property(connectionReport, (report) => {
      const refused = everyMessage(report).flatMap((view) => [
        ...checkMessage(view),
        ...checkMessage(withoutCharts(view)),
        ...checkMessage(clamped(view)),
        ...checkMessage(asText(view)),
        ...checkHome(homeOf(view)),
      ]);
      const inForms = everyModal(report).flatMap(checkModal);
      expect([...refused, ...everyHome(report).flatMap(checkHome), ...inForms]).toEqual([]);
    }),
    runs,
  );
});

test("a message as text is complete and fits Slack's limits", () => {
  fc.assert(
    fc.property(connectionReport, (report) => {
      const wrong = everyMessage(report).filter((view) => {
        const { text } = asText(view);
        return !text.startsWith(view.text) || text.length > LIMITS.messageText;
      });
      expect(wrong).toEqual([]);
    }),
    runs,
  );
});

test('outside text has no markup, no links and no mentions', () => {
  fc.assert(
    fc.property(connectionReport, (report) => {
      const views = everyMessage(report);
      expect(views.flatMap((view) => [...mrkdwnOf(view), asText(view).text].flatMap(markup))).toEqual([]);
      expect(views.flatMap((view) => [...elementsOf(view)].filter(isParsed))).toEqual([]);
    }),
    runs,
  );
});

/** Elements of which Slack makes more than their words, the sharer's name apart. */
function isParsed(element: Element): boolean {
  if (element.type === 'user') return element['user_id'] !== SHARER;
  if (element.type === 'plain_text') return element['emoji'] !== false;
  return ['broadcast', 'link', 'emoji', 'usergroup', 'channel', 'team', 'section', 'markdown'].includes(element.type);
}

test('no text contains invisible characters', () => {
  // A line break is ours between lines; the word joiner is ours in mrkdwn; selector 16 draws emoji.
  const unseen =
    /(?!\n|\u2060|\uFE0F)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;
  fc.assert(
    fc.property(connectionReport, (report) => {
      const views = [...everyMessage(report), ...everyHome(report)];
      expect(views.flatMap((view) => sayings(view).filter((words) => unseen.test(words)))).toEqual([]);
    }),
    runs,
  );
});

test('the rows of a report add up to its totals, whatever had no room', () => {
  fc.assert(
    fc.property(connectionReport, (report) => {
      for (const tables of ['data_table', 'table'] as const) {
        for (const by of ['source', 'app', 'host', 'node'] as const) {
          const view = reportView({ report, by, ageMs: 0, tables, place: { kind: 'answer' } });
          const table = view.blocks.find((block) => block.type === tables);
          if (report.sources.length === 0) {
            expect(table).toBeUndefined();
            continue;
          }
          if (table === undefined || !('rows' in table)) throw new Error('no table');
          const [head = [], ...rows] = table.rows;
          const sumOf = (title: string) => {
            const column = head.findIndex((cell) => 'text' in cell && cell.text === title);
            return rows.reduce((all, row) => {
              const cell = row[column];
              return cell?.type === 'raw_number' ? all + cell.value : Number.NaN;
            }, 0);
          };
          const { active, dormant, monitors, connections } = report.totals;
          expect([sumOf('Active'), sumOf('Dormant'), sumOf('Heartbeats')]).toEqual([active, dormant, monitors]);
          expect(sumOf('Connections')).toBe(connections);
        }
      }
    }),
    runs,
  );
});

test('every button and option leads back to the cluster and the source that it was made for', () => {
  fc.assert(
    fc.property(connectionReport, (report) => {
      const view = reportView({ report, by: 'user', ageMs: 0, tables: 'table', place: { kind: 'answer' } });
      const values = [...elementsOf(view)].flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
      expect(values.length).toBeGreaterThan(0);
      const chosen = values.flatMap((value) => {
        expect(value.length).toBeLessThanOrEqual(LIMITS.optionValue);
        const request = readView(value);
        if (request === null) throw new Error(`unreadable: ${value}`);
        if (report.nodes.some((node) => !('problem' in node)))
          expect(matchesKey(report.cluster, request.cluster)).toBe(true);
        if (request.view !== 'source') return [];
        return [report.sources.filter(({ id }) => matchesKey(id, request.source.key))];
      });
      for (const found of chosen) expect(found).toHaveLength(1);
      const isShown = report.nodes.some((node) => !('problem' in node));
      expect(chosen).toHaveLength(isShown ? Math.min(report.sources.length, LIMITS.options) : 0);
    }),
    runs,
  );
});

/** What Slack would do more with than show it. Our own dates and the sharer are left out first. */
function markup(words: string): readonly string[] {
  const left = words.replace(/<!date\^\d+\^[{}a-z_ ]+\|[\d: UTC-]+>/g, '').replaceAll(`<@${SHARER}>`, '');
  const active =
    /[<>*~`]|&(?!amp;|lt;|gt;)|^\s*&gt;|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:[^\s:\u2060]+:|[@#]\w|\w:\/\/|\w\.\p{L}/gmu;
  return left.match(active) ?? [];
}
