// The terminal while `top` is on it: the alternate screen, raw mode, keys, redraws by line. Every way out restores it.

import { emitKeypressEvents } from 'node:readline';
import type { Size } from './model.ts';

/** Standard input and output of a terminal. */
export interface ScreenEdges {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly process: Pick<NodeJS.Process, 'on' | 'off' | 'kill' | 'pid'>;
  /** True holds back what others write to standard error, until false prints it. */
  readonly hold: (isHeld: boolean) => void;
}

export interface Screen {
  /** Writes the lines that changed. */
  draw(lines: readonly string[]): void;
  size(): Size;
  /** Restores the terminal. May be called again. */
  close(): void;
}

export interface ScreenEvents {
  /** A character, or the name of a key. */
  readonly onKey: (key: string) => void;
  readonly onResize: () => void;
}

const ESC = '\u001b[';
/** The alternate screen, no cursor, no wrapping at the right edge: a line of odd width stays one line. */
const ENTER = `${ESC}?1049h${ESC}?25l${ESC}?7l${ESC}2J`;
const LEAVE = `${ESC}?7h${ESC}?25h${ESC}0m${ESC}?1049l`;

/** A terminal sends a whole sequence at once. */
const ESCAPE_MS = 50;

const DEFAULT: Size = { columns: 80, rows: 24 };

export function openScreen(edges: ScreenEdges, events: ScreenEvents): Screen {
  const { input, output, process, hold } = edges;
  let drawn: readonly string[] | null = null;
  let isOpen = false;
  let isClosed = false;
  // A terminal that is gone takes no restoring: then there is nothing to restore.
  const attempt = (act: () => void) => {
    try {
      act();
    } catch {
      isClosed = true;
    }
  };
  const enter = () => {
    if (isOpen || isClosed) return;
    isOpen = true;
    drawn = null;
    hold(true);
    attempt(() => void input.setRawMode(true));
    output.write(ENTER);
  };
  const leave = () => {
    if (!isOpen) return;
    isOpen = false;
    attempt(() => void output.write(LEAVE));
    attempt(() => void input.setRawMode(false));
    hold(false);
  };
  const onKeypress = (text: string | undefined, key: KeyPress) => {
    // In raw mode the terminal sends bytes instead of signals. A suspended pipeline stops as a whole.
    if (key.ctrl === true && key.name === 'c') process.kill(process.pid, 'SIGINT');
    else if (key.ctrl === true && key.name === 'z') process.kill(0, 'SIGTSTP');
    else if (key.ctrl === true && key.name === 'l') drawn = null;
    else if (key.ctrl !== true && key.meta !== true) events.onKey(keyOf(text, key));
    else if (key.name === 'escape') events.onKey('escape');
  };
  const stop = () => {
    leave();
    process.off('SIGTSTP', stop);
    // Without a listener the signal stops the process, unless no shell could continue it.
    process.kill(process.pid, 'SIGTSTP');
    setImmediate(resume);
  };
  const resume = () => {
    if (isClosed) return;
    process.off('SIGTSTP', stop);
    process.on('SIGTSTP', stop);
    // After SIGSTOP the shell has set the terminal's mode, and the screen shows the shell.
    leave();
    enter();
    events.onResize();
  };
  const onHangup = () => void process.kill(process.pid, 'SIGTERM');
  const onResize = () => {
    drawn = null;
    events.onResize();
  };
  const close = () => {
    leave();
    if (isClosed) return;
    isClosed = true;
    process.off('SIGTSTP', stop);
    process.off('SIGCONT', resume);
    process.off('SIGHUP', onHangup);
    process.off('exit', close);
    output.off('resize', onResize);
    input.off('keypress', onKeypress);
    input.off('error', onHangup);
    input.off('end', onHangup);
    input.pause();
    input.unref();
  };
  process.on('SIGTSTP', stop);
  process.on('SIGCONT', resume);
  process.on('SIGHUP', onHangup);
  process.on('exit', close);
  output.on('resize', onResize);
  input.on('error', onHangup);
  input.on('end', onHangup);
  // Node waits half a second for the rest of an escape sequence. Only the type says that this needs an interface.
  Reflect.apply(emitKeypressEvents, null, [input, { escapeCodeTimeout: ESCAPE_MS }]);
  input.on('keypress', onKeypress);
  enter();
  input.resume();
  return {
    draw(lines) {
      if (!isOpen) return;
      const text = changedLines(drawn, lines);
      if (text !== '') output.write(text);
      drawn = lines;
    },
    size: () => sizeOf(output),
    close,
  };
}

/** A terminal without a size says 0. */
function sizeOf({ columns, rows }: Partial<Size>): Size {
  return { columns: columns || DEFAULT.columns, rows: rows || DEFAULT.rows };
}

/**
 * What to write so that the screen shows `lines`.
 * @param drawn null when it is unknown what the screen shows
 * @internal
 */
export function changedLines(drawn: readonly string[] | null, lines: readonly string[]): string {
  const clear = drawn === null || drawn.length !== lines.length ? `${ESC}0m${ESC}2J` : '';
  const before = clear === '' ? (drawn ?? []) : [];
  const changed = lines.flatMap((line, index) => {
    if (line === (before[index] ?? (clear === '' ? null : ''))) return [];
    // Erased before the text: after a full line the cursor stands on its last column.
    return [`${ESC}${index + 1};1H${ESC}0m${ESC}K${line}`];
  });
  return `${clear}${changed.join('')}`;
}

interface KeyPress {
  readonly name?: string | undefined;
  readonly ctrl?: boolean;
  readonly meta?: boolean;
}

const NAMED = new Set([
  'up',
  'down',
  'left',
  'right',
  'pageup',
  'pagedown',
  'home',
  'end',
  'return',
  'escape',
  'backspace',
]);

function keyOf(text: string | undefined, { name }: KeyPress): string {
  if (name === 'enter') return 'return';
  return name !== undefined && NAMED.has(name) ? name : (text ?? '');
}
