// `atlas-conns lint`: what is wrong with a connection string. It shows no credentials, and needs
// settings only for the forecast of a watched cluster.

import { parseEnv } from 'node:util';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Commands } from '../app/commands/types.ts';
import { count, percent } from '../core/base/format.ts';
import { nearest } from '../core/base/fuzzy-match.ts';
import { byFullness, nodesUnread } from '../core/connections/node-usage.ts';
import { DRIVERS, type DriverChoice, driverNamed } from '../core/drivers/driver.ts';
import { unreadAssumed } from '../core/forecast/live.ts';
import { type LintContext, type LintFinding, type LintReport, lintConnectionString } from '../core/lint/lint.ts';
import { findingCounts, type PoolForecast, SEVERITY_WORDS } from '../core/lint/report.ts';
import { UserError } from '../errors.ts';
import { readText, SETTINGS_LIMIT } from '../files.ts';
import { SCENARIOS } from './forecast-plan.ts';
import { type Paint, painter, printable, tableLines, wrapped } from './layout.ts';
import type { Terminal, TextInput } from './terminal.ts';
import { hideRejected, refuseUnknown, typedName } from './words.ts';

interface LintOptions {
  readonly env?: readonly string[];
  readonly file?: string;
  readonly driver: DriverChoice;
  readonly functions?: true;
  readonly instances?: number;
  readonly limit?: number;
  readonly reserved?: number;
  readonly cluster?: string;
  readonly json?: true;
}

interface LintEdges {
  readonly terminal: Terminal;
  readonly input: TextInput | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly commands: Pick<Commands, 'report'>;
  readonly signal: AbortSignal;
}

/** What the connections of a fleet are held against: one node. */
interface Fleet {
  readonly instances: number;
  /** Null with --limit. */
  readonly cluster: string | null;
  readonly node: string | null;
  readonly limit: number;
  readonly reserved: number;
  /** What is open there now; 0 with --limit. */
  readonly others: number;
}

/** One string, and the variable that has it. */
interface Given {
  readonly variable: string | null;
  readonly text: string;
}

export function addLint(program: Command, edges: LintEdges & { readonly exit: (code: number) => void }): void {
  const command = program
    .command('lint')
    .description('show what is wrong with a connection string, and how to correct it')
    .argument('[string]', 'the string in quotes; better left out, because shells keep what is typed')
    .option('--env <names...>', 'lint the values of these variables')
    .option('--file <file>', 'lint every variable of a .env file that looks like a connection string')
    .addOption(new Option('--driver <name>', `any, ${DRIVERS.join(', ')}`).default('any').argParser(driver))
    .option('--functions', 'the application runs as a function, such as AWS Lambda')
    .option('--instances <n>', 'with --limit or --cluster: forecast what so many instances open on a node', positive)
    .option('--limit <n>', 'connections that one node allows', positive)
    .option('--cluster <name>', 'in place of --limit: the fullest node of this cluster, as it is now', typedName)
    .option('--reserved <n>', 'connections of the limit that others need (default: 0)', whole)
    .option('--json', 'print one JSON object a string, each on one line');
  for (const option of command.options) hideRejected(option);
  command
    // The parser repeats an option that it does not know, and that may be a password.
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText(
      'after',
      `
Without a string it reads standard input, or asks without showing what is typed.
No user, password or unknown text of the string is ever printed or logged.
It needs no settings, except with --cluster.

Examples:
  atlas-conns lint
  pbpaste | atlas-conns lint --driver node
  atlas-conns lint --env MONGODB_URI --instances 40 --limit 1500
  atlas-conns lint --env MONGODB_URI --instances 40 --cluster prod
  atlas-conns lint --file .env --json | jq '.findings[].id'

Exit code: 0 no error, 1 errors found, or the cluster could not be read, 2 a wrong option, file or setting.`,
    )
    .action(async (word: string | undefined, options: LintOptions) => {
      refuseUnknown(command);
      refuseSecond(command, word);
      edges.exit(await showLint({ word: word ?? null, options, ...edges }));
    });
}

function driver(word: string): DriverChoice {
  const known = driverNamed(word);
  if (known !== null) return known;
  const near = nearest(word, DRIVERS);
  throw new InvalidArgumentError(
    `Expected any or one of ${DRIVERS.join(', ')}.${near === null ? '' : ` Did you mean ${near}?`}`,
  );
}

function whole(word: string): number {
  if (/^\d{1,9}$/.test(word)) return Number(word);
  throw new InvalidArgumentError('Expected a whole number.');
}

function positive(word: string): number {
  if (/^[1-9]\d{0,8}$/.test(word)) return Number(word);
  throw new InvalidArgumentError('Expected a whole number from 1.');
}

function refuseSecond(command: Command, word: string | undefined): void {
  if (command.args.length > (word === undefined ? 0 : 1))
    throw new UserError('lint takes one string.', 'Put it in quotes, because & and ; end a command of the shell.');
}

/** @returns the exit code: 0 no error, 1 errors found */
async function showLint(
  input: LintEdges & { readonly word: string | null; readonly options: LintOptions },
): Promise<number> {
  const { options, terminal } = input;
  const asked = fleetAsked(options);
  // The corrected string has `<user>:<password>@`, which the last net would take for credentials.
  terminal.forPrograms?.();
  const given = await givenTo(input);
  const fleet = asked === null ? null : 'limit' in asked ? asked : await fullestNode(asked, input);
  const context: LintContext = {
    driver: options.driver,
    functions: options.functions === true,
    fleet: fleet === null ? null : linterFleet(fleet),
  };
  const linted = given.map(({ variable, text }) => ({ variable, text, report: lintConnectionString(text, context) }));
  for (const [index, { variable, text, report }] of linted.entries()) {
    if (options.json === true) await terminal.out(`${JSON.stringify(jsonOf(variable, report, fleet))}\n`);
    else {
      const lines = textOf({ variable, report: unlessSame(report, text), context, fleet, terminal });
      await terminal.out(`${index > 0 ? '\n' : ''}${lines.join('\n')}\n`);
    }
  }
  return linted.some(({ report }) => report.findings.some(({ severity }) => severity === 'error')) ? 1 : 0;
}

/** What is corrected nowhere is not printed as corrected. */
function unlessSame(report: LintReport, text: string): LintReport {
  return report.repaired === text.trim() ? { ...report, repaired: null } : report;
}

function linterFleet({ instances, limit, reserved, others }: Fleet): LintContext['fleet'] {
  return { instances, limit, reserved: reserved + others };
}

type Asked = Pick<Fleet, 'instances' | 'reserved'> & { readonly cluster: string };

/** With --limit it is known; with --cluster it has to be read. Null for neither. */
function fleetAsked({ instances, limit, cluster, reserved = 0 }: LintOptions): Fleet | Asked | null {
  if (limit !== undefined && cluster !== undefined)
    throw new UserError('--limit and --cluster exclude each other.', 'Give one of them.');
  if (instances === undefined) {
    const alone = [limit === undefined ? '' : '--limit', cluster === undefined ? '' : '--cluster'].join('');
    if (alone !== '') throw new UserError(`${alone} needs --instances.`, 'Add --instances 40.');
    if (reserved > 0) throw new UserError('--reserved needs --instances and --limit.', 'Give all three.');
    return null;
  }
  if (cluster !== undefined) return { instances, cluster, reserved };
  if (limit === undefined) throw new UserError('--instances needs --limit or --cluster.', 'Add --limit 1500.');
  return { instances, cluster: null, node: null, limit, reserved, others: 0 };
}

/** What is open there now stays open. */
async function fullestNode(asked: Asked, { commands, terminal, signal }: LintEdges): Promise<Fleet> {
  const report = await commands.report({ cluster: asked.cluster, threads: false, signal });
  const [fullest] = byFullness(report);
  if (fullest === undefined)
    throw new UserError(
      printable(`No node of ${report.cluster} shows its limit.`),
      'Give it with --limit in place of --cluster.',
    );
  for (const line of unreadAssumed(nodesUnread(report).length)) terminal.err(`${line}\n`);
  return { ...asked, cluster: report.cluster, node: fullest.host, limit: fullest.limit, others: fullest.current };
}

async function givenTo(
  input: LintEdges & { readonly word: string | null; readonly options: LintOptions },
): Promise<readonly Given[]> {
  const { word, options, terminal, signal } = input;
  const ways = [word !== null, options.env !== undefined, options.file !== undefined].filter(Boolean);
  if (ways.length > 1) throw new UserError('A string, --env and --file exclude one another.', 'Give one of them.');
  if (options.env !== undefined) return options.env.map((name) => variableOf(name, input.env));
  if (options.file !== undefined)
    return variablesIn(options.file, await readText(options.file, { signal, limit: SETTINGS_LIMIT }));
  if (word !== null) {
    terminal.err(
      'The shell keeps this string in its history. Next time leave it out: lint asks for it and does not show it.\n',
    );
    return [{ variable: null, text: word }];
  }
  if (input.input === undefined) return [{ variable: null, text: '' }];
  const text = input.input.isTerminal
    ? await input.input.askHidden('Connection string (not shown): ')
    : await input.input.readAll();
  return [{ variable: null, text }];
}

function variableOf(name: string, env: LintEdges['env']): Given {
  const text = env[name];
  if (text !== undefined) return { variable: name, text };
  // A string that was typed as a name is not repeated.
  const isName = /^[A-Za-z_]\w{0,80}$/.test(name);
  throw new UserError(
    isName ? `The variable ${name} is not set.` : 'The value of --env is no name of a variable.',
    'Write names of variables behind --env, such as --env MONGODB_URI.',
  );
}

/** In the order of the file. */
function variablesIn(path: string, text: string): readonly Given[] {
  const found = Object.entries(parseEnv(text)).flatMap(([variable, value]) =>
    value !== undefined && looksLikeOne(variable, value) ? [{ variable, text: value }] : [],
  );
  if (found.length > 0) return found;
  throw new UserError(
    `${printable(path)} has no variable that looks like a connection string.`,
    'Expected lines such as MONGODB_URI=mongodb+srv://….',
  );
}

function looksLikeOne(variable: string, value: string): boolean {
  return /mongo[\w+]{0,8}:\/\//i.test(value) || /MONGO\w*_?(?:URI|URL|CONN\w*)$/i.test(variable);
}

/**
 * `atlas-conns/lint/1`: public. `variable` is there with --env and --file, `forecast` with --instances. Its figures are
 * those of one node; it is null where the string is too broken.
 */
function jsonOf(variable: string | null, report: LintReport, fleet: Fleet | null) {
  const { valid, hosts, srv, database, authSource, options, findings, repaired, forecast } = report;
  return {
    schema: 'atlas-conns/lint/1',
    ...(variable !== null && { variable }),
    valid,
    hosts,
    srv,
    database,
    authSource,
    options,
    findings,
    repaired,
    ...(fleet !== null && { forecast: forecast === null ? null : forecastJson(fleet, forecast) }),
  };
}

function forecastJson({ instances, cluster, node, limit, reserved, others }: Fleet, forecast: PoolForecast) {
  const { perInstance, fleet, instancesUntilLimit } = forecast;
  return { instances, cluster, node, limit, reserved, others, perInstance, fleet, instancesUntilLimit };
}

const COLOR = { error: 'red', warning: 'yellow', info: 'cyan' } as const;
/** The width of the longest severity, and two blanks. */
const INDENT = 9;

function textOf(page: {
  readonly variable: string | null;
  readonly report: LintReport;
  readonly context: LintContext;
  readonly fleet: Fleet | null;
  readonly terminal: Terminal;
}): readonly string[] {
  const { variable, report, context, fleet, terminal } = page;
  const paint = painter(terminal.colors);
  const width = terminal.columns;
  const name = variable === null ? 'Connection string' : printable(variable);
  return [
    paint('bold', `${name}: ${findingCounts(report.findings) ?? 'nothing to correct'}`),
    ...report.findings.flatMap((finding) => findingLines(finding, width, paint)),
    ...repairedLines(report),
    ...effectiveLines(report, context, width),
    ...forecastLines(report, fleet, width),
  ];
}

function findingLines({ id, severity, text, fix }: LintFinding, width: number, paint: Paint): readonly string[] {
  const body = (line: string) => {
    const lines = wrapped(line, { width: width - INDENT, indent: 0 }).split('\n');
    return lines.map((one) => `${' '.repeat(INDENT)}${one}`);
  };
  return [
    '',
    `${paint(COLOR[severity], SEVERITY_WORDS[severity].padEnd(INDENT))}${id}`,
    ...body(text),
    ...body(`→ ${fix}`),
  ];
}

function repairedLines({ repaired }: LintReport): readonly string[] {
  // Not wrapped, so that it can be copied.
  return repaired === null ? [] : ['', 'Corrected:', `  ${printable(repaired)}`];
}

function effectiveLines({ effective }: LintReport, { driver: name }: LintContext, width: number): readonly string[] {
  if (effective.length === 0) return [];
  const lines = tableLines({
    columns: [
      { title: 'OPTION', cell: (row) => row.name, kind: 'name' },
      { title: 'VALUE', cell: (row) => row.value, kind: 'name' },
      { title: 'DEFAULT', cell: (row) => row.fallback ?? '–', kind: 'name' },
      { title: 'FROM', cell: ({ from }) => ORIGIN[from], kind: 'name' },
    ],
    rows: effective,
    width: width - 2,
  });
  const whose = name === 'any' ? 'the specification of drivers' : `the ${name} driver`;
  return ['', `In effect, by ${whose}:`, ...lines.map((line) => `  ${line}`)];
}

const ORIGIN = { string: 'string', default: 'default', srv: 'mongodb+srv' } as const;

function forecastLines({ forecast }: LintReport, fleet: Fleet | null, width: number): readonly string[] {
  if (fleet === null || forecast === null) return [];
  const { instances, limit } = fleet;
  const rows = (['idle', 'used', 'full'] as const).map((name) => ({
    name: SCENARIOS[name],
    one: forecast.perInstance[name],
    all: forecast.fleet[name],
    fit: forecast.instancesUntilLimit[name],
  }));
  const figure = (value: number | null) => (value === null ? 'no bound' : count(value));
  const share = (value: number | null) => (value === null ? 'no bound' : percent(value / limit));
  const lines = tableLines({
    columns: [
      { title: 'CONNECTIONS', cell: ({ name }) => name, kind: 'name' },
      { title: 'ONE INSTANCE', cell: ({ one }) => figure(one), kind: 'figure' },
      { title: `ALL ${count(instances)}`, cell: ({ all }) => figure(all), kind: 'figure' },
      { title: 'OF LIMIT', cell: ({ all }) => share(all), kind: 'figure' },
      { title: 'INSTANCES THAT FIT', cell: ({ fit }) => figure(fit), kind: 'figure' },
    ],
    rows,
    width: width - 2,
  });
  const words =
    'An instance is one process with one MongoClient; used is one operation at once. Heartbeats are included.';
  return [
    '',
    `On one node, ${roomWords(fleet)}:`,
    ...lines.map((line) => `  ${line}`),
    `  ${wrapped(words, { width: width - 2, indent: 2 })}`,
  ];
}

function roomWords({ cluster, node, limit, reserved, others }: Fleet): string {
  const kept = reserved === 0 ? '' : `, ${count(reserved)} of them reserved`;
  if (cluster === null || node === null) return `which allows ${count(limit)} connections${kept}`;
  return printable(`${node} of ${cluster}, where ${count(others)} of ${count(limit)} are open${kept}`);
}
