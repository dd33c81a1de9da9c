// Everything that reads text from outside, by itself and without the bounds that stand before some of it.

import { challengeOf } from '../../src/atlas/digest.ts';
import { csvRows, reportCsv } from '../../src/cli/csv.ts';
import { padded, printable, shortened, tableLines, wrapped } from '../../src/cli/layout.ts';
import { shownJson } from '../../src/cli/report-export.ts';
import { reportText } from '../../src/cli/report-text.ts';
import { parseTarget } from '../../src/cluster/connection-string.ts';
import { clusterNameOf, secretsInUri } from '../../src/config/schemas.ts';
import { parseYaml } from '../../src/config/yaml.ts';
import { parseDuration } from '../../src/core/base/duration.ts';
import { clipped } from '../../src/core/base/format.ts';
import { isSlip, nearest } from '../../src/core/base/fuzzy-match.ts';
import { fits } from '../../src/core/base/glob.ts';
import { isConnectionString, withoutCredentials } from '../../src/core/base/redact.ts';
import { COMMANDS, parseCommand } from '../../src/core/commands/commands.ts';
import { nameAndCluster } from '../../src/core/commands/grammar.ts';
import { plainText, quoted, tokensOf } from '../../src/core/commands/tokens.ts';
import { typedConnectionString } from '../../src/core/commands/typed-string.ts';
import { findSource } from '../../src/core/connections/find-source.ts';
import { lintConnectionString } from '../../src/core/lint/lint.ts';
import { parseClient, parseIp } from '../../src/core/net/address.ts';
import { parseCidr } from '../../src/core/net/cidr.ts';
import { createLog } from '../../src/log.ts';
import { bold, mrkdwn, plain, richText, text } from '../../src/slack/blockkit/rich-text.ts';
import { withoutName } from '../../src/slack/listeners.ts';
import { connections, range, reportOn } from '../core/fixtures.ts';
import type { Grammar } from './growth.ts';

const clusters = ['prod', 'prod-eu', 'in', 'a "b" c'];
const grammar = { clusters, command: '/atlas-conns' };
const SECRETS = ['secret', 'Qz7"Secret\\Vx3k', 'p@s:s/w'];
const log = await createLog({ level: 'silent', pretty: false, now: () => new Date(0), write: () => undefined });
log.hide(SECRETS);
/** What is read of an app, a user, a driver and a comment, up to what people see. */
const report = (name: string) => {
  const entries = [range('203.0.113.0/24', name)];
  const groups = [connections('203.0.113.9', { app: name, user: name }), connections(name), connections('10.0.0.1')];
  return reportOn({ entries, groups, redact: log.redact });
};
const page = { width: 80, paint: (_: unknown, words: string) => words };
const refusal = (words: string) => ({ status: 401, headers: { 'www-authenticate': `Digest ${words}` }, body: '' });
const entry = { title: 'SOURCE', kind: 'name', cell: (name: string) => name } as const;

const ANY_DRIVER = { driver: 'any', functions: false, fleet: null } as const;

export const GRAMMARS: readonly Grammar[] = [
  { name: 'command', read: (typed) => parseCommand(typed, grammar) },
  { name: 'silence', read: (typed) => COMMANDS.silence.parse(plainText(typed), grammar) },
  { name: 'silence of a name in quotes', read: (typed) => COMMANDS.silence.parse(plainText(`"a ${typed}`), grammar) },
  { name: 'silence with an end', read: (typed) => COMMANDS.silence.parse(plainText(`a 4h ${typed}`), grammar) },
  { name: 'end of a silence', read: (typed) => COMMANDS.unsilence.parse(plainText(typed), grammar) },
  { name: 'history', read: (typed) => COMMANDS.history.parse(plainText(typed), grammar) },
  { name: 'name and cluster', read: (typed) => nameAndCluster(typed, grammar) },
  { name: 'name in quotes and cluster', read: (typed) => nameAndCluster(`"${typed}`, grammar) },
  { name: 'words', read: (typed) => tokensOf(plainText(typed)) },
  { name: 'typed string', read: (typed) => typedConnectionString(typed, grammar) },
  { name: 'mention', read: (typed) => withoutName(typed, 'B') },
  { name: 'lint', read: (typed) => lintConnectionString(typed, ANY_DRIVER) },
  { name: 'lint of options', read: (typed) => lintConnectionString(`mongodb://u:p@h/?${typed}`, ANY_DRIVER) },
  { name: 'lint of a user', read: (typed) => lintConnectionString(`"mongodb://u:${typed}`, ANY_DRIVER) },
  { name: 'duration', read: parseDuration },
  { name: 'quotes', read: quoted },
  { name: 'clip', read: (typed) => clipped(typed) },
  { name: 'glob', read: (glob) => fits(glob, `${glob.replaceAll('*', 'a')}c`) },
  { name: 'name for a glob', read: (name) => fits('*a*a*a*a*a*a*a*a*b', name) },
  { name: 'glob and name', read: (name) => fits(`*${name.replaceAll('?', 'q')}c*`, name + name) },
  { name: 'glob of 200 and name', read: (name) => fits(`*${name.slice(0, 200)}c*`, name) },
  { name: 'nearest word', read: (word) => nearest(word, [...clusters, `${word}x`, word.slice(1)]) },
  { name: 'slip of the pen', read: (word) => isSlip(word, `x${word}`) },
  { name: 'source', read: (name) => findSource([{ id: name, name: `${name}x` }], `x${name}`) },
  { name: 'address', read: (address) => [parseClient(address), parseIp(address), parseCidr(address)] },
  { name: 'credentials', read: (words) => [withoutCredentials(words), withoutCredentials(words, 'json')] },
  { name: 'connection string', read: (uri) => [isConnectionString(uri), clusterNameOf(uri), secretsInUri(uri)] },
  { name: 'target', read: (uri) => parseTarget({ uri: `mongodb://${uri}`, cluster: 'prod' }) },
  { name: 'secrets', read: (words) => [log.redact(words), log.lastNet(words)] },
  { name: 'log', read: (words) => log.error({ words }, 'a message') },
  { name: 'text of Slack', read: (words) => [text(words), plain(words), text(words, { max: 240 })] },
  { name: 'phrase of Slack', read: (words) => [mrkdwn([words, bold(words)]), richText([words, bold(words)])] },
  { name: 'text of a terminal', read: (words) => printable(words) },
  { name: 'column of a terminal', read: (words) => padded(shortened(printable(words), 20), 30, 'left') },
  { name: 'table of a terminal', read: (words) => tableLines({ columns: [entry], rows: [words], width: 80 }) },
  { name: 'lines of a terminal', read: (words) => wrapped(printable(words), { width: 80, indent: 2 }) },
  { name: 'CSV', read: (words) => csvRows([[words]]) },
  { name: 'JSON', read: (words) => shownJson({ words }) },
  { name: 'YAML', read: (source) => parseYaml('f', source) },
  { name: 'challenge of Atlas', read: (words) => challengeOf(refusal(words)) },
  { name: 'report', read: (name) => [reportText(report(name), { by: 'source', threads: true, ...page })] },
  { name: 'turned report', read: (name) => [reportCsv(report(name), 'app')] },
];
