// Optional packages of the driver. Neither this package nor the image installs them.

import { createRequire } from 'node:module';
import zlib from 'node:zlib';
import type { Problem } from '../core/base/problem.ts';

/** The driver loads them itself, so they are resolved from its location. */
const driver = createRequire(import.meta.resolve('mongodb'));

function isInstalled(name: string): boolean {
  try {
    driver(name);
    return true;
  } catch {
    return false;
  }
}

/** The driver includes zlib, Node.js may include zstd, and snappy is a package. */
export function canCompress(name: string): boolean {
  if (name === 'zstd') return typeof zlib.zstdCompress === 'function' || isInstalled('@mongodb-js/zstd');
  return name === 'zlib' || (name === 'snappy' && isInstalled('snappy'));
}

/** Checked in advance: the driver loads it only after the proxy has answered. */
export function proxyProblem(host: string): Problem | null {
  return isInstalled('socks') ? null : packageProblem('socks', host);
}

/** By the driver's names, some of which differ from those of npm. */
const PACKAGES: Readonly<Record<string, string>> = { zstd: '@mongodb-js/zstd' };
const NEEDED_FOR: Readonly<Record<string, string>> = {
  kerberos: 'authMechanism=GSSAPI',
  socks: 'proxyHost',
  snappy: 'the compression snappy',
  zstd: 'the compression zstd',
  'gcp-metadata': 'keys in Google Cloud',
  'mongodb-client-encryption': 'client-side encryption',
  '@aws-sdk/credential-providers': 'authMechanism=MONGODB-AWS',
};

/** @param dependency the driver's name for it */
export function packageProblem(dependency: string, host: string): Problem {
  const name = PACKAGES[dependency] ?? dependency;
  const purpose = NEEDED_FOR[dependency] ?? 'this connection string';
  return {
    code: 'package-missing',
    text: `${host} cannot be read: the package ${name} is not installed, and ${purpose} needs it.`,
    remedy: installing([name]),
  };
}

export function installing(packages: readonly string[]): string {
  const command = `npm install ${packages.join(' ')}`;
  return `Run \`${command}\` beside atlas-conns; in a container, in an image built on ours, in /app.`;
}
