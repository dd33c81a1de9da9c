// The drivers that forecast, lint and diagnosis know, and their names.

import { joinWords } from '../base/format.ts';

/** One set of names everywhere: options, plans, texts. */
export const DRIVERS = ['node', 'python', 'java', 'go', 'csharp', 'c', 'cpp', 'ruby', 'rust', 'php'] as const;

export type DriverName = (typeof DRIVERS)[number];

/** `any`: what differs between drivers is said, and the figures are those of the specification. */
export type DriverChoice = DriverName | 'any';

/** As people write them: `the Node.js driver`. */
export const DRIVER_TITLES: Readonly<Record<DriverName, string>> = {
  node: 'Node.js',
  python: 'PyMongo',
  java: 'Java',
  go: 'Go',
  csharp: 'C#',
  c: 'C',
  cpp: 'C++',
  ruby: 'Ruby',
  rust: 'Rust',
  php: 'PHP',
};

/** In a sentence, after "the": `Node.js driver`; PyMongo is a name of its own. */
export function driverInWords(driver: DriverName): string {
  return driver === 'python' ? DRIVER_TITLES.python : `${DRIVER_TITLES[driver]} driver`;
}

/** `C, C++ and PHP` */
export function driverTitles(drivers: readonly DriverName[]): string {
  return joinWords(drivers.map((driver) => DRIVER_TITLES[driver]));
}

/** Names that people use for them. Kotlin and Scala stand on the Java driver. */
const ALIASES: ReadonlyMap<string, DriverName> = new Map([
  ...(['pymongo', 'motor', 'py'] as const).map((name) => [name, 'python'] as const),
  ...(['kotlin', 'scala', 'jvm'] as const).map((name) => [name, 'java'] as const),
  ...(['nodejs', 'node.js', 'javascript', 'js', 'typescript', 'mongoose'] as const).map(
    (name) => [name, 'node'] as const,
  ),
  ...(['golang', 'mongo-go-driver'] as const).map((name) => [name, 'go'] as const),
  ...(['c#', '.net', 'dotnet'] as const).map((name) => [name, 'csharp'] as const),
  ...(['libmongoc', 'mongoc'] as const).map((name) => [name, 'c'] as const),
  ...(['c++', 'mongocxx'] as const).map((name) => [name, 'cpp'] as const),
]);

/** @returns null for a name that is none of them */
export function driverNamed(text: string): DriverChoice | null {
  const name = text.trim().toLowerCase();
  if (name === 'any') return 'any';
  return DRIVERS.find((driver) => driver === name) ?? ALIASES.get(name) ?? null;
}

/** What the name in the client metadata of a handshake begins with, e.g. `mongo-java-driver|sync|kotlin`, `nodejs|Mongoose`. */
const METADATA: readonly (readonly [start: string, driver: DriverName])[] = [
  ['nodejs', 'node'],
  ['pymongo', 'python'],
  ['motor', 'python'],
  ['mongo-java-driver', 'java'],
  ['mongo-go-driver', 'go'],
  ['mongo-csharp-driver', 'csharp'],
  ['ext-mongodb', 'php'],
  ['mongoc / ext-mongodb', 'php'],
  ['mongoc / mongocxx', 'cpp'],
  ['mongocxx', 'cpp'],
  ['mongoc', 'c'],
  ['mongo-ruby-driver', 'ruby'],
  ['mongo-rust-driver', 'rust'],
];

/** @param name from the client metadata; null, or a name that no driver has, is null */
export function driverOf(name: string | null): DriverName | null {
  const lower = name?.toLowerCase() ?? '';
  return METADATA.find(([start]) => lower.startsWith(start))?.[1] ?? null;
}
