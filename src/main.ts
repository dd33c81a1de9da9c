#!/usr/bin/env node
// The entry: arguments and environment → a command; signals; exit codes. Only this file uses process.*. It imports
// everything else after the check that the version of Node.js can run it.

import type { Commands } from './app/commands/types.ts';
import type { ProgramContext } from './cli/program.ts';
import type { Terminal } from './cli/terminal.ts';
import type { ScreenEdges } from './cli/top/screen.ts';
import type { Environment } from './config/environment.ts';
import type { ProcessLog } from './log.ts';

const NODE = 24;
/** Milliseconds to close after a signal, for a command and for the bot. */
const CLOSING = 900;
const BOT_CLOSING = 15_000;
/** Lines of standard error that wait while a screen is drawn: the last ones. */
const MOST_HELD = 200;

if (Number.parseInt(process.versions.node, 10) >= NODE) await start();
else {
  process.stderr.write(`atlas-conns needs Node.js ${NODE} or newer, and this is ${process.versions.node}.\n`);
  process.exitCode = 2;
}

async function start(): Promise<void> {
  // This comes first, because the first process of a container ignores signals without a handler.
  const { signal, stopped, codeOf, lasting, cut } = stopping();
  const warnings = warned();
  const { enableCompileCache } = await import('node:module');
  // Compiling takes half the time until the first connection. The cache keeps the result.
  enableCompileCache();
  const { readFile } = await import('node:fs/promises');
  const { run } = await import('./cli/run.ts');
  const { withDotEnv } = await import('./config/environment.ts');

  const { readText, SETTINGS_LIMIT } = await import('./files.ts');
  const read = (path: string) => readText(path, { signal, limit: SETTINGS_LIMIT });
  const whole = withDotEnv(process.env, read);
  // A command that needs an unreadable .env reports it. Help and version work without it.
  const env = await whole.catch(() => process.env);
  if (env['TZ'] !== undefined) process.env['TZ'] = env['TZ'];
  const { terminal, log, progress, screen } = await edges(env, signal);
  warnings.to(log);
  // The log hides secrets in the last line too. Unhandled rejections also arrive here.
  process.on('uncaughtException', (err) => {
    log.fatal({ err }, 'uncaught error, exiting');
    process.exit(1);
  });
  const { version }: { version: string } = JSON.parse(
    await readFile(new URL('../package.json', import.meta.url), 'utf8'),
  );

  // Nothing is lost, because the store returns unconfirmed deliveries again.
  const cutShort = () => log.warn({}, 'shutdown timed out');

  const random = Math.random;
  const opened = once(async () => {
    const { createApp } = await import('./app/app.ts');
    const { wait } = await import('./core/base/clock.ts');
    const now = () => new Date();
    return createApp({
      env: await whole,
      version,
      now,
      wait,
      random,
      readFile: read,
      progress,
      log,
      redact: terminal.redact,
      openFiles,
    });
  });
  const commands: Commands = {
    report: async (request) => (await opened.get()).report(request),
    savedReport: async (request) => (await opened.get()).savedReport(request),
    why: async (query) => (await opened.get()).why(query),
    async *replay(request) {
      yield* (await opened.get()).replay(request);
    },
    growth: async (request) => (await opened.get()).growth(request),
    hygiene: async (request) => (await opened.get()).hygiene(request),
    history: async (query) => (await opened.get()).history(query),
    async *exportHistory(request) {
      yield* (await opened.get()).exportHistory(request);
    },
    alerts: async (request) => (await opened.get()).alerts(request),
    async *watch(request) {
      lasting(cutShort);
      yield* (await opened.get()).watch(request);
    },
    async *top(request) {
      yield* (await opened.get()).top(request);
    },
    async *check(request) {
      yield* (await opened.get()).check(request);
    },
    async *load(request) {
      lasting(cutShort, { decides: true });
      yield* (await opened.get()).load(request);
    },
    pools: async (request) => (await opened.get()).pools(request),
    health: async (request) => (await opened.get()).health(request),
    serve: async (request) => {
      lasting(cutShort);
      return (await opened.get()).serve(request);
    },
  };
  const { createInput } = await import('./cli/terminal.ts');
  const interrupt = () => process.kill(process.pid, 'SIGINT');
  const input = createInput(process.stdin, { ask: (text) => void process.stderr.write(text), interrupt, signal });
  const { addPools } = await import('./cli/live/pools.ts');
  const { addLoad } = await import('./cli/live/load.ts');
  const argv = process.argv.slice(2);
  const { addTop } = await import('./cli/top/command.ts');
  const now = () => new Date();
  const more: ProgramContext['more'] = [
    (program, context) => addTop(program, { ...context, screen, now }),
    addPools,
    addLoad,
  ];
  const code = await run({ argv, commands, terminal, version, log, random, signal, input, env, more });
  progress(null);
  process.exitCode = codeOf(code);
  // A slow reader gets everything. Only a signal or a closed pipe interrupts it.
  if (stopped() === null) await new Promise((resolve) => process.stdout.write('', resolve));
  // Handles that do not close in time must not keep the process alive.
  setTimeout(cut, CLOSING).unref();
  await (await opened.known())?.close();
  // The driver may leave a connecting socket open, so flush the output and exit.
  process.stdout.write('', () => process.stderr.write('', () => process.exit()));
}

/** How many files this process may open; null where the system has no such limit. */
function openFiles(): number | null {
  // Its network part would look up names.
  const report = Object.assign(process.report, { excludeNetwork: true });
  const { userLimits } = report.getReport() as {
    readonly userLimits?: Readonly<Record<string, { readonly soft: unknown }>>;
  };
  const soft = userLimits?.['open_files']?.soft;
  return typeof soft === 'number' ? soft : null;
}

/** Standard output and error, the log, and the progress line. The line is erased before any other output. */
async function edges(
  env: Environment,
  signal: AbortSignal,
): Promise<{
  readonly terminal: Required<Terminal>;
  readonly log: ProcessLog;
  readonly progress: (text: string | null) => void;
  /** Null where no screen can be drawn. */
  readonly screen: ScreenEdges | null;
}> {
  const { createOut, createProgress } = await import('./cli/terminal.ts');
  const { secretsOfEnvironment } = await import('./config/config.ts');
  const { LOG_LEVELS } = await import('./config/variables.ts');
  const { createLog } = await import('./log.ts');

  const { stdin, stdout, stderr } = process;
  /** What waits while a screen is drawn; null while none is. */
  let held: string[] | null = null;
  const progress = createProgress({ isTTY: stderr.isTTY, write: (text) => void stderr.write(text) }).show;
  const out = createOut(stdout, signal);
  const err = (text: string) => {
    progress(null);
    if (held === null || !stderr.isTTY) stderr.write(text);
    else held = [...held, text].slice(-MOST_HELD);
  };
  const hold = (isHeld: boolean) => {
    const waiting = held ?? [];
    held = isHeld ? waiting : null;
    if (!isHeld && waiting.length > 0) stderr.write(waiting.join(''));
  };
  // The command that reads the settings reports an unknown level.
  const level = LOG_LEVELS.find((known) => known === env['LOG_LEVEL']) ?? 'info';
  const log = await createLog({ level, pretty: stderr.isTTY, now: () => new Date(), write: err });
  log.hide(secretsOfEnvironment(env));
  // For people, values are redacted before layout. For programs nothing is redacted: a short secret may match figures
  // and names by chance. Redaction would then change the data or break the JSON.
  let isForPrograms = false;
  const terminal = {
    columns: stdout.columns || 80,
    colors: stdout.isTTY && stdout.hasColors(env),
    out: (text: string) => {
      progress(null);
      return out(isForPrograms ? text : log.lastNet(text));
    },
    err: (text: string) => err(log.lastNet(text)),
    redact: (value: string) => (isForPrograms ? value : log.redact(value)),
    forPrograms: () => {
      isForPrograms = true;
    },
  };
  const canDraw = stdin.isTTY && stdout.isTTY && env['TERM'] !== 'dumb';
  return { terminal, log, progress, screen: canDraw ? { input: stdin, output: stdout, process, hold } : null };
}

/**
 * Sends warnings of Node.js and libraries to the log. On standard error they are neither JSON nor redacted. Early
 * warnings wait for the log.
 */
function warned(): { readonly to: (log: ProcessLog) => void } {
  const early: Error[] = [];
  let tell = (warning: Error) => void early.push(warning);
  // No listener means that warnings are turned off. Listeners of agents stay.
  const own = process.listeners('warning').find(({ name }) => name === 'onWarning');
  if (own !== undefined) {
    process.removeListener('warning', own);
    process.on('warning', (warning) => tell(warning));
  }
  const to = (log: ProcessLog) => {
    tell = (warning) => {
      const code = 'code' in warning ? warning.code : null;
      log.warn({ name: warning.name, code, message: warning.message }, 'runtime warning');
    };
    for (const warning of early.splice(0)) tell(warning);
  };
  return { to };
}

/**
 * Ctrl-C and SIGTERM abort a command within a second. The bot finishes its current work first. A closed pipe ends
 * either without an error.
 */
function stopping(): {
  readonly signal: AbortSignal;
  readonly stopped: () => number | null;
  /** @param code what the command returned */
  readonly codeOf: (code: number) => number;
  /**
   * Allows more time to stop. `onCut` runs last if that is not enough. A command that `decides` has its own exit code
   * after a signal too, and 1 if its time was not enough.
   */
  readonly lasting: (onCut: () => void, how?: { readonly decides: boolean }) => void;
  /** Ends the process, whatever is still running. */
  readonly cut: () => void;
} {
  const controller = new AbortController();
  let stopped: number | null = null;
  let onCut: (() => void) | null = null;
  let isDecided = true;
  const cut = () => {
    onCut?.();
    process.exit();
  };
  const stop = (code: number) => {
    if (stopped !== null) return;
    stopped = code;
    process.exitCode = isDecided ? code : 1;
    controller.abort();
    setTimeout(cut, onCut === null ? CLOSING : BOT_CLOSING).unref();
  };
  // A second signal does not wait.
  for (const [name, number] of Object.entries({ SIGINT: 2, SIGTERM: 15 }))
    process.on(name, () => (stopped === null ? stop(onCut === null ? 128 + number : 0) : process.exit(128 + number)));
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // EIO: the terminal is gone.
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
      stop(0);
    });
  const lasting = (say: () => void, { decides } = { decides: false }) => {
    onCut = say;
    isDecided = !decides;
  };
  const codeOf = (code: number) => (stopped !== null && isDecided ? stopped : code);
  return { signal: controller.signal, stopped: () => stopped, codeOf, lasting, cut };
}

/** Created on first use. `known` is null if it was never created, or if creation failed. */
function once<T>(make: () => Promise<T>): {
  readonly get: () => Promise<T>;
  readonly known: () => Promise<T | null>;
} {
  let made: Promise<T> | null = null;
  return {
    get: () => {
      made ??= make();
      return made;
    },
    known: async () => made?.catch(() => null) ?? null,
  };
}
