// `atlas-conns lint`: what is wrong with a connection string. It needs no settings, and shows no credentials.

import { parseEnv } from 'node:util';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { counted } from '../core/base/format.ts';
import { nearest } from '../core/base/fuzzy-match.ts';
import { DRIVERS, type DriverChoice, driverNamed } from '../core/drivers/driver.ts';
import { type LintContext, type LintFinding, type LintReport, lintConnectionString } from '../core/lint/lint.ts';
import { UserError } from '../errors.ts';
import { readText, SETTINGS_LIMIT } from '../files.ts';
import { type Paint, painter, printable, tableLines, wrapped } from './layout.ts';
import type { Terminal, TextInput } from './terminal.ts';

interface LintOptions {
  readonly env?: readonly string[];
  readonly file?: string;
  readonly driver: DriverChoice;
  readonly functions?: true;
  readonly instances?: number;
  readonly limit?: number;
  readonly reserved?: number;
  readonly json?: true;
}

interface LintEdges {
  readonly terminal: Terminal;
  readonly input: TextInput | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
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
    .option('--instances <n>', 'with --limit: how many instances of the application run', whole)
    .option('--limit <n>', 'connections that one node allows', whole)
    .option('--reserved <n>', 'connections of that which others need (default: 0)', whole)
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

Examples:
  atlas-conns lint
  pbpaste | atlas-conns lint --driver node
  atlas-conns lint --env MONGODB_URI --instances 40 --limit 1500
  atlas-conns lint --file .env --json | jq '.findings[].id'

Exit code: 0 no error, 1 errors found, 2 a wrong option or file.`,
    )
    .action(async (word: string | undefined, options: LintOptions) => {
      refuseUnknown(command, word);
      edges.exit(await showLint({ word: word ?? null, options, ...edges }));
    });
}

/** The parser repeats a value that it rejects, and that may be a password behind the wrong option. */
function hideRejected(option: Option): void {
  const { parseArg, long } = option;
  if (parseArg === undefined) return;
  option.argParser((word: string, previous: unknown) => {
    try {
      return parseArg(word, previous);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      throw new UserError(`The value of ${long} is not valid.`, error.message);
    }
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

/** Says nothing of what was typed. */
function refuseUnknown(command: Command, word: string | undefined): void {
  const names = command.options.flatMap(({ long }) => (long === null || long === undefined ? [] : [long]));
  const strange = command.args.find((one) => /^--?[a-z]/i.test(one));
  if (strange !== undefined) {
    const near = nearest(strange.replace(/=.*/s, ''), names);
    throw new UserError(
      'lint does not know one of the options.',
      near === null ? `It knows ${names.join(', ')}.` : `Did you mean ${near}?`,
    );
  }
  if (command.args.length > (word === undefined ? 0 : 1))
    throw new UserError('lint takes one string.', 'Put it in quotes, because & and ; end a command of the shell.');
}

/** @returns the exit code: 0 no error, 1 errors found */
async function showLint(
  input: LintEdges & { readonly word: string | null; readonly options: LintOptions },
): Promise<number> {
  const { options, terminal } = input;
  const context = contextOf(options);
  // The corrected string has `<user>:<password>@`, which the last net would take for credentials.
  terminal.forPrograms?.();
  const given = await givenTo(input);
  const linted = given.map(({ variable, text }) => ({ variable, report: lintConnectionString(text, context) }));
  for (const [index, { variable, report }] of linted.entries()) {
    if (options.json === true) await terminal.out(`${JSON.stringify(jsonOf(variable, report))}\n`);
    else await terminal.out(`${index > 0 ? '\n' : ''}${textOf({ variable, report, context, terminal }).join('\n')}\n`);
  }
  return linted.some(({ report }) => report.findings.some(({ severity }) => severity === 'error')) ? 1 : 0;
}

function contextOf({ driver: name, functions, instances, limit, reserved = 0 }: LintOptions): LintContext {
  if ((instances === undefined) !== (limit === undefined))
    throw new UserError('--instances and --limit belong together.', 'Give both, or none.');
  const fleet = instances === undefined || limit === undefined ? null : { instances, limit, reserved };
  if (fleet === null && reserved > 0)
    throw new UserError('--reserved needs --instances and --limit.', 'Give all three.');
  return { driver: name, functions: functions === true, fleet };
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

/** `atlas-conns/lint/1`: public. `variable` is there with --env and --file. */
function jsonOf(variable: string | null, report: LintReport) {
  const { valid, hosts, srv, database, authSource, options, findings, repaired } = report;
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
  };
}

const COLOR = { error: 'red', warning: 'yellow', info: 'cyan' } as const;
/** The width of the longest severity, and two blanks. */
const INDENT = 9;

function textOf(page: {
  readonly variable: string | null;
  readonly report: LintReport;
  readonly context: LintContext;
  readonly terminal: Terminal;
}): readonly string[] {
  const { variable, report, context, terminal } = page;
  const paint = painter(terminal.colors);
  const width = terminal.columns;
  const name = variable === null ? 'Connection string' : printable(variable);
  return [
    paint('bold', `${name}: ${summary(report.findings)}`),
    ...report.findings.flatMap((finding) => findingLines(finding, width, paint)),
    ...repairedLines(report),
    ...effectiveLines(report, context, width),
  ];
}

function summary(findings: readonly LintFinding[]): string {
  const count = (severity: LintFinding['severity']) => findings.filter((one) => one.severity === severity).length;
  const words = [
    ...(count('error') > 0 ? [counted(count('error'), 'error')] : []),
    ...(count('warning') > 0 ? [counted(count('warning'), 'warning')] : []),
    ...(count('info') > 0 ? [counted(count('info'), 'hint')] : []),
  ];
  return words.length === 0 ? 'nothing to improve' : words.join(', ');
}

function findingLines({ id, severity, text, fix }: LintFinding, width: number, paint: Paint): readonly string[] {
  const body = (line: string) => {
    const lines = wrapped(line, { width: width - INDENT, indent: 0 }).split('\n');
    return lines.map((one) => `${' '.repeat(INDENT)}${one}`);
  };
  return ['', `${paint(COLOR[severity], severity.padEnd(INDENT))}${id}`, ...body(text), ...body(`→ ${fix}`)];
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
