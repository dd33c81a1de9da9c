// A terminal to look at: a program on a pseudo-terminal of Python's, and the screen that a person would see.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import stringWidth from 'string-width';

/** Null where there is no Python with pseudo-terminals. */
export async function findPython(): Promise<string | null> {
  const works = (name: string) => promisify(execFile)(name, ['-c', 'import pty, termios']);
  return works('python3').then(
    () => 'python3',
    () => null,
  );
}

export interface PseudoTerminal {
  type(text: string): void;
  resize(columns: number, rows: number): void;
  /** Lines without their blanks at the end. */
  screen(): string;
  /** The alternate screen, the cursor, and wrapping at the right edge. */
  modes(): { readonly isAlternate: boolean; readonly hasCursor: boolean; readonly wraps: boolean };
  /** Closes the terminal under the program, as a window that is closed. */
  close(): void;
  readonly ended: Promise<unknown>;
}

export function openPseudoTerminal(input: {
  readonly python: string;
  readonly columns: number;
  readonly rows: number;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}): PseudoTerminal {
  const { python, columns, rows, argv, cwd, env } = input;
  const bridge = new URL('pseudo-terminal.py', import.meta.url).pathname;
  const child = spawn(python, [bridge, `${columns}`, `${rows}`, ...argv], {
    cwd,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const display = createDisplay(columns, rows);
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text: string) => display.write(text));
  // What is typed after the program has ended reaches nobody.
  child.stdin.on('error', () => undefined);
  const act = (what: object) => void child.stdin.write(`${JSON.stringify(what)}\n`);
  return {
    type: (text) => act({ type: text }),
    resize(width, height) {
      display.resize(width, height);
      act({ size: [width, height] });
    },
    screen: display.text,
    modes: display.modes,
    close: () => child.stdin.end(),
    ended,
  };
}

/** As much of a terminal as the programs of these tests use. */
function createDisplay(columns: number, rows: number) {
  let width = columns;
  let height = rows;
  const blank = () => Array.from({ length: height }, () => new Array<string>(width).fill(' '));
  let cells = blank();
  let main: string[][] | null = null;
  let [x, y] = [0, 0];
  const modes = { isAlternate: false, hasCursor: true, wraps: true };
  let rest = '';
  const newLine = () => {
    y += 1;
    if (y < height) return;
    y = height - 1;
    cells = [...cells.slice(1), new Array<string>(width).fill(' ')];
  };
  const put = (character: string) => {
    const wide = stringWidth(character);
    if (wide === 0) return;
    if (x + wide > width) {
      if (modes.wraps) [x] = [0, newLine()];
      else x = width - wide;
    }
    const line = cells[y];
    if (line === undefined) return;
    line[x] = character;
    for (let more = 1; more < wide; more++) line[x + more] = '';
    x += wide;
  };
  const setMode = (mode: string, isOn: boolean) => {
    if (mode === '25') modes.hasCursor = isOn;
    if (mode === '7') modes.wraps = isOn;
    if (mode !== '1049' || modes.isAlternate === isOn) return;
    modes.isAlternate = isOn;
    const before = cells;
    cells = isOn ? blank() : (main ?? blank());
    main = isOn ? before : null;
  };
  const control = (parameters: string, final: string) => {
    const [first = 0, second = 0] = parameters.split(';').map(Number);
    if (final === 'H') [y, x] = [Math.max(0, first - 1), Math.max(0, second - 1)];
    else if (final === 'K') cells[y]?.fill(' ', x);
    else if (final === 'J' && first === 2) cells = blank();
    else if ((final === 'h' || final === 'l') && parameters.startsWith('?'))
      setMode(parameters.slice(1), final === 'h');
  };
  const write = (text: string) => {
    let left = rest + text;
    rest = '';
    while (left !== '') {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal is about control characters
      const sequence = /^\u001b\[([?\d;]*)([A-Za-z])/.exec(left);
      if (sequence !== null) {
        control(sequence[1] ?? '', sequence[2] ?? '');
        left = left.slice(sequence[0].length);
      } else if (left.startsWith('\u001b') && left.length < 16) {
        rest = left;
        return;
      } else {
        const [character = ''] = left;
        left = left.slice(character.length);
        if (character === '\r') x = 0;
        else if (character === '\n') newLine();
        else if (character === '\b') x = Math.max(0, x - 1);
        else if (character >= ' ') put(character);
      }
    }
  };
  return {
    write,
    resize(newWidth: number, newHeight: number) {
      [width, height] = [newWidth, newHeight];
      const fitted = (old: readonly string[][]) =>
        blank().map((line, row) => line.map((cell, column) => old[row]?.[column] ?? cell));
      cells = fitted(cells);
      main = main && fitted(main);
      [x, y] = [Math.min(x, width - 1), Math.min(y, height - 1)];
    },
    text: () =>
      cells
        .map((line) => line.join('').trimEnd())
        .join('\n')
        .trimEnd(),
    modes: () => ({ ...modes }),
  };
}
