// `atlas-conns hygiene`: findings about the access list of a project, with their evidence.

import type { Commands } from '../app/commands/types.ts';
import { count, counted } from '../core/base/format.ts';
import { inWords } from '../core/base/problem.ts';
import type { AccessListFinding } from '../core/connections/access-list-findings.ts';
import type { ProjectHygiene, UnreadCluster } from '../core/connections/project-access-list.ts';
import { minute, type Paint, painter, printable, type TextPage, wrapped, zoneLine } from './layout.ts';
import { shownJson } from './report-export.ts';
import type { Terminal } from './terminal.ts';

const SCHEMA = 'atlas-conns/hygiene/1';

/** @returns the exit code: 1 if the access list was not read completely, or no cluster was read */
export async function showHygiene(input: {
  readonly cluster: string | null;
  readonly options: { readonly json?: true };
  readonly commands: Commands;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { cluster, options, commands, terminal, signal } = input;
  const hygiene = await commands.hygiene({ cluster, signal });
  const page = { width: terminal.columns, paint: painter(terminal.colors) };
  await terminal.out(options.json ? hygieneJson(hygiene) : hygieneText(hygiene, page));
  const { accessList, clusters } = hygiene;
  return accessList?.complete === true && clusters.length > 0 ? 0 : 1;
}

/** Schema atlas-conns/hygiene/1, a public format. New fields go to the end of their object. */
function hygieneJson({ clusters, unread, findings, problems, accessList, at }: ProjectHygiene): string {
  const document = {
    schema: SCHEMA,
    at,
    clusters: clusters.map(({ name, since, isLong }) => {
      return { name, historySince: since === null ? null : new Date(since).toISOString(), enoughHistory: isLong };
    }),
    unread: unread.map(({ name, reason }) => ({ name, reason })),
    findings: findings.map(({ kind, entry, text, severity }) => ({ kind, entry, text, severity })),
    problems,
    accessList,
  };
  return `${shownJson(document, 2)}\n`;
}

function hygieneText(hygiene: ProjectHygiene, { width, paint }: TextPage): string {
  const { clusters, unread, findings, accessList, problems } = hygiene;
  const found = findings.length === 0 ? 'no findings' : counted(findings.length, 'finding');
  const entries = accessList?.entries === 1 ? '1 entry' : `${count(accessList?.entries ?? 0)} entries`;
  const title = accessList === null ? 'no access list was read' : `access list: ${entries}, ${found}`;
  const isUnused = findings.some(({ kind }) => kind === 'unused-entry');
  const history = clusters.map(({ name, since }) =>
    since === null ? `${name} (no history)` : `${name} (history since ${minute(since).slice(0, 10)})`,
  );
  const sections = [
    [paint('bold', title)],
    findings.map((finding) => findingText(finding, paint)),
    [
      clusters.length === 0 ? 'No cluster was read.' : `read: ${printable(history.join(', '))}`,
      ...unread.map((one) => unreadText(one, paint)),
      ...(unread.length > 0 && accessList !== null
        ? ['These clusters may need any entry, so no entry is called unused.']
        : []),
      ...(isUnused ? ['Atlas does not say when an entry was added: a new one may wait for its first client.'] : []),
      ...problems.map((problem) => `${paint('yellow', 'problem:')} ${printable(inWords(problem))}`),
      zoneLine(),
    ],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.map((line) => wrapped(line, { width, indent: 2 })).join('\n')}\n`)
    .join('\n');
}

function unreadText({ name, reason, ...cluster }: UnreadCluster, paint: Paint): string {
  const hides = cluster.hides === true;
  const why = reason.replace(/\.$/, '');
  const mark = paint('yellow', hides ? 'careful:' : 'not read:');
  const said = name === null ? `not all clusters are listed, ${why}` : hides ? `${name} ${why}` : `${name}, ${why}`;
  return `${mark} ${printable(said)}.`;
}

/** The evidence begins with the entry. */
function findingText({ severity, text, timed = [text] }: AccessListFinding, paint: Paint): string {
  const said = timed.map((part) => (typeof part === 'string' ? part : minute(part.at))).join('');
  return `${severity === 'warning' ? paint('yellow', 'warning:') : 'notice:'} ${printable(said)}`;
}
