// Checks the TLS files of a connection string before the driver reads them. The driver would read a device forever, and
// its errors name neither the option nor the file.

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import type { Problem } from '../core/base/problem.ts';
import type { ConnectionString } from '../core/lint/connection-string.ts';

/** Larger than every existing bundle of certificates. */
const MOST_BYTES = 10_000_000;

/**
 * Null if the driver can use all files. With a date, certificates that are not valid at that time are also a problem.
 */
export async function tlsProblem(input: {
  readonly string: ConnectionString;
  readonly setting: string;
  readonly at: Date | null;
}): Promise<Problem | null> {
  const { string, setting, at } = input;
  const { options, srv } = string;
  const isOn = (options.get('tls') ?? options.get('ssl') ?? (srv ? 'true' : 'false')) === 'true';
  const password = options.get('tlsCertificateKeyFilePassword');
  for (const [option, check] of Object.entries(CONTENTS)) {
    const path = options.get(option);
    if (!isOn || path === undefined) continue;
    const file = await contentOf(path);
    const fault = 'fault' in file ? file : check(file.text, { password, at });
    if (fault !== null) return problemOf({ option, path, setting, ...fault });
  }
  return null;
}

/** The end of the sentence after the path, and the remedy. */
interface Fault {
  readonly fault: string;
  readonly remedy: string;
}

function problemOf({
  option,
  path,
  setting,
  fault,
  remedy,
}: Fault & Readonly<Record<'option' | 'path' | 'setting', string>>): Problem {
  const where = isAbsolute(path) ? path : `${path} (that is ${resolve(path)}, from the working directory)`;
  return { code: 'tls-file', text: `The file ${where}, which ${option} in ${setting} names, ${fault}.`, remedy };
}

const CHECK_PATH = 'Correct the path; in a container, mount the file there.';
const REASONS: Readonly<Record<string, Fault>> = {
  ENOENT: { fault: 'does not exist', remedy: CHECK_PATH },
  ENOTDIR: { fault: 'does not exist: a part of the path is not a directory', remedy: CHECK_PATH },
  EACCES: {
    fault: 'cannot be read by the user of this process (EACCES)',
    remedy: 'Give that user the right to read it.',
  },
  EPERM: {
    fault: 'cannot be read by the user of this process (EPERM)',
    remedy: 'Give that user the right to read it.',
  },
};

async function contentOf(path: string): Promise<Fault | { readonly text: string }> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return { fault: 'is a directory', remedy: 'Name the file in it.' };
    if (!found.isFile())
      return { fault: 'is not a regular file', remedy: 'Name a regular file: each connection reads it.' };
    if (found.size > MOST_BYTES) return { fault: 'is larger than 10 MB', remedy: 'Name a PEM file.' };
    if (found.size === 0) return { fault: 'is empty', remedy: 'Put the PEM text into it.' };
    return { text: await readFile(path, 'latin1') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    return REASONS[code] ?? { fault: `cannot be read (${code})`, remedy: CHECK_PATH };
  }
}

interface CheckContext {
  readonly password: string | undefined;
  readonly at: Date | null;
}

const CONTENTS: Readonly<Record<string, (text: string, context: CheckContext) => Fault | null>> = {
  tlsCAFile: (text, { at }) => {
    const found = certificatesIn(text);
    if (found === 'unread') return UNREAD;
    if (found.length === 0)
      return { fault: `holds no certificate${insteadOf(text)}`, remedy: 'Name the PEM file of the authority.' };
    // One valid certificate may be enough.
    return at !== null && found.every((one) => untimely(one, at) !== null) ? (untimely(found[0], at) ?? null) : null;
  },
  tlsCertificateKeyFile: (text, { password, at }) => {
    const found = certificatesIn(text);
    if (found === 'unread') return UNREAD;
    const [certificate] = found;
    const key = blocksIn(text, 'PRIVATE KEY')[0];
    if (key === undefined && certificate === undefined)
      return {
        fault: `holds neither a key nor a certificate${insteadOf(text)}`,
        remedy: 'Name one PEM file with both.',
      };
    if (certificate === undefined) return { fault: 'holds a key and no certificate', remedy: BOTH };
    if (key === undefined) return { fault: 'holds a certificate and no private key', remedy: BOTH };
    const opened = openKey(key, password);
    if ('fault' in opened) return opened;
    if (!certificate.checkPrivateKey(opened.key))
      return { fault: 'holds a key that does not belong to its certificate', remedy: BOTH };
    return at === null ? null : untimely(certificate, at);
  },
  tlsCRLFile: (text) =>
    blocksIn(text, 'X509 CRL').length > 0
      ? null
      : {
          fault: `holds no revocation list${insteadOf(text)}`,
          remedy: 'Name a PEM file that begins with -----BEGIN X509 CRL-----.',
        },
};

const BOTH = 'Put the certificate and its private key into one PEM file.';
const UNREAD: Fault = {
  fault: 'holds a certificate that cannot be parsed',
  remedy: 'Copy the file again: it is damaged.',
};

function insteadOf(text: string): string {
  return text.includes('-----BEGIN ') ? '' : ': it is not PEM';
}

function blocksIn(text: string, kind: string): readonly string[] {
  const found: string[] = [];
  const begin = new RegExp(`-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}${kind}-----`, 'g');
  for (let start = begin.exec(text); start !== null; start = begin.exec(text)) {
    const end = text.indexOf('-----END ', start.index);
    if (end < 0) break;
    const close = text.indexOf('-----', end + 9);
    found.push(text.slice(start.index, close < 0 ? end : close + 5));
  }
  return found;
}

function certificatesIn(text: string): readonly X509Certificate[] | 'unread' {
  try {
    return blocksIn(text, 'CERTIFICATE').map((block) => new X509Certificate(block));
  } catch {
    return 'unread';
  }
}

function openKey(key: string, passphrase: string | undefined): Fault | { readonly key: KeyObject } {
  const isLocked = key.includes('ENCRYPTED');
  if (isLocked && passphrase === undefined)
    return { fault: 'holds an encrypted key', remedy: 'Add tlsCertificateKeyFilePassword=… to the connection string.' };
  try {
    return { key: createPrivateKey({ key, ...(isLocked && { passphrase }) }) };
  } catch {
    return isLocked
      ? { fault: 'holds a key that its password does not open', remedy: 'Correct tlsCertificateKeyFilePassword.' }
      : { fault: 'holds a key that cannot be parsed', remedy: 'Copy the file again: it is damaged.' };
  }
}

function untimely(certificate: X509Certificate | undefined, at: Date): Fault | null {
  if (certificate === undefined) return null;
  const { validFromDate: from, validToDate: to } = certificate;
  const remedy = 'Renew the certificate; where its dates are right, correct the clock of this machine.';
  if (at > to) return { fault: `holds a certificate that expired at ${to.toISOString().slice(0, 10)}`, remedy };
  return at < from
    ? { fault: `holds a certificate that is valid only from ${from.toISOString().slice(0, 10)}`, remedy }
    : null;
}
