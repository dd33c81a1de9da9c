// The Dockerfile carried out without an engine: its copies, filtered as an engine filters them, and its commands.

import { execFile } from 'node:child_process';
import { chown, cp, mkdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { promisify } from 'node:util';

const start = promisify(execFile);

export interface Instruction {
  readonly name: string;
  /** Everything behind the name, `${ARG}`s filled in. */
  readonly rest: string;
}

/** What the last stage says of how it is run. */
export interface Image {
  /** Where its root directory is on this machine. */
  readonly root: string;
  readonly instructions: readonly Instruction[];
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly health: readonly string[];
}

export function instructionsOf(text: string): readonly Instruction[] {
  const whole = text.replace(/^\s*#.*\n/gm, '').replace(/\\\n\s*/g, ' ');
  const args = new Map<string, string>();
  return whole.split('\n').flatMap((line) => {
    const [, name, written = ''] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [];
    if (name === undefined) return [];
    const rest = written.replace(/\$\{(\w+)\}/g, (_, arg: string) => args.get(arg) ?? '');
    const [, arg, value] = /^(\w+)=(.*)$/.exec(rest) ?? [];
    if (name === 'ARG' && arg !== undefined && value !== undefined) args.set(arg, value);
    return [{ name, rest }];
  });
}

/** Whether an engine would send this file of the context; `ignored` is the text of .dockerignore. */
export function isSent(path: string, ignored: string): boolean {
  const parts = path.split('/');
  const ways = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  let sent = true;
  for (const line of ignored.split('\n').map((text) => text.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const pattern = line.replace(/^!/, '');
    if (ways.some((way) => fits(way, pattern))) sent = line.startsWith('!');
  }
  return sent;
}

/** As Go matches: a star stands for a leading dot, too. */
function fits(path: string, pattern: string): boolean {
  const source = pattern.replace(/\*\*\/|\*|[.+?^${}()|[\]\\]/g, (mark) =>
    mark === '**/' ? '(?:.*/)?' : mark === '*' ? '[^/]*' : `\\${mark}`,
  );
  return new RegExp(`^${source}$`).test(path);
}

/** Builds every stage in a folder of its own below `into`. */
export async function build(input: {
  readonly context: string;
  readonly into: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}): Promise<Image> {
  const { context, into, env } = input;
  const ignored = await readFile(join(context, '.dockerignore'), 'utf8');
  const instructions = instructionsOf(await readFile(join(context, 'Dockerfile'), 'utf8'));
  const stages = new Map<string, string>();
  let root = '';
  let workdir = '/';
  for (const { name, rest } of instructions) {
    if (name === 'FROM') {
      const stage = / AS (\S+)$/.exec(rest)?.[1] ?? 'image';
      root = join(into, stage);
      workdir = '/';
      stages.set(stage, root);
      await mkdir(root);
    } else if (name === 'WORKDIR') {
      workdir = rest;
      await mkdir(join(root, workdir), { recursive: true });
    } else if (name === 'RUN') {
      const argv: readonly string[] = rest.startsWith('[') ? JSON.parse(rest) : ['sh', '-c', rest];
      await start(argv[0] ?? '', argv.slice(1), { cwd: join(root, workdir), env }).catch((cause) => {
        // What a compiler finds wrong stands on standard output.
        throw new Error(`RUN ${rest}\n${cause.stdout}${cause.stderr}`, { cause });
      });
    } else if (name === 'COPY') {
      const from = /--from=(\S+)/.exec(rest)?.[1];
      const source = from === undefined ? context : stages.get(from);
      if (source === undefined) throw new Error(`no stage ${from}`);
      const filter = from === undefined ? (path: string) => isSent(relative(context, path), ignored) : () => true;
      await copy({ rest, source, root, workdir, filter });
    }
  }
  return imageOf(instructions, root);
}

async function copy(input: {
  readonly rest: string;
  readonly source: string;
  readonly root: string;
  readonly workdir: string;
  readonly filter: (path: string) => boolean;
}): Promise<void> {
  const { rest, source, root, workdir, filter } = input;
  const words = rest.split(/\s+/).filter((word) => !word.startsWith('--'));
  const to = words.pop() ?? '';
  const target = join(root, to.startsWith('/') ? to : join(workdir, to));
  for (const word of words) {
    const from = join(source, word);
    if (!filter(from)) throw new Error(`COPY names ${word}, which .dockerignore keeps out`);
    // A directory's content is copied, a file goes below what ends in a slash.
    const isBelow = to.endsWith('/') && !(await stat(from)).isDirectory();
    const path = isBelow ? join(target, basename(word)) : target;
    await cp(from, path, { recursive: true, filter, verbatimSymlinks: true });
  }
  const [, user, group] = /--chown=(\d+):(\d+)/.exec(rest) ?? [];
  if (user !== undefined && process.getuid?.() === 0) await chown(target, Number(user), Number(group));
}

const lastStage = (instructions: readonly Instruction[]) =>
  instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));

/** What the image sets for whatever runs in it. */
export function environmentOf(instructions: readonly Instruction[]): Readonly<Record<string, string>> {
  const settings = lastStage(instructions).filter(({ name }) => name === 'ENV');
  const pairs = settings
    .flatMap(({ rest }) => rest.split(/\s+/))
    .map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at), pair.slice(at + 1)];
    });
  return Object.fromEntries(pairs);
}

function imageOf(instructions: readonly Instruction[], root: string): Image {
  const last = lastStage(instructions);
  const of = (wanted: string) => last.findLast(({ name }) => name === wanted)?.rest ?? '';
  const list = (text: string): readonly string[] => JSON.parse(text);
  return {
    root,
    instructions,
    env: environmentOf(instructions),
    user: of('USER'),
    entrypoint: list(of('ENTRYPOINT')),
    cmd: list(of('CMD')),
    health: list(of('HEALTHCHECK').replace(/^.*?CMD /, '')),
  };
}
