// The options of a connection string: needed for reading, not needed, or unknown to drivers.
// Names and types: https://www.mongodb.com/docs/manual/reference/connection-string-options/ and the driver's own table.

import { joinWords } from '../base/format.ts';
import { nearest } from '../base/fuzzy-match.ts';
import type { LintFinding } from './report.ts';

export function error(id: string, text: string, fix: string): LintFinding {
  return { id, severity: 'error', text, fix };
}

export function warning(id: string, text: string, fix: string): LintFinding {
  return { id, severity: 'warning', text, fix };
}

export const UNESCAPED = error(
  'userinfo-unescaped',
  'The user or the password has a character that must be escaped.',
  'Write : as %3A, / as %2F, ? as %3F, # as %23, [ as %5B, ] as %5D, @ as %40 and % as %25.',
);

type Kind = 'flag' | 'number' | 'text';

/** Options of the connection itself: passed to the driver, and refused if malformed. */
const NEEDED: Readonly<Record<string, Kind>> = {
  ...kinds('flag', 'tls ssl tlsInsecure tlsAllowInvalidCertificates tlsAllowInvalidHostnames'),
  ...kinds('flag', 'directConnection loadBalanced autoSelectFamily'),
  ...kinds('text', 'tlsCAFile tlsCRLFile tlsCertificateKeyFile tlsCertificateKeyFilePassword servername'),
  ...kinds('text', 'authSource authMechanism authMechanismProperties replicaSet srvServiceName srvAllowedHostsSuffix'),
  ...kinds('text', 'proxyHost proxyUsername proxyPassword compressors'),
  ...kinds('number', 'proxyPort family autoSelectFamilyAttemptTimeout zlibCompressionLevel'),
};

/** Options that this program sets itself or does not need: pools, timeouts, reads and writes of applications. */
const OURS: Readonly<Record<string, Kind>> = {
  ...kinds('flag', 'retryWrites retryReads journal j fsync serverSelectionTryOnce tlsDisableOCSPEndpointCheck'),
  ...kinds('flag', 'tlsDisableCertificateRevocationCheck monitorCommands noDelay enableOverloadRetargeting'),
  ...kinds(
    'number',
    'connectTimeoutMS socketTimeoutMS serverSelectionTimeoutMS timeoutMS wTimeoutMS heartbeatFrequencyMS',
  ),
  ...kinds(
    'number',
    'maxPoolSize minPoolSize maxConnecting maxIdleTimeMS waitQueueTimeoutMS localThresholdMS srvMaxHosts',
  ),
  ...kinds('number', 'maxStalenessSeconds minHeartbeatFrequencyMS maxAdaptiveRetries socketCheckIntervalMS'),
  ...kinds('text', 'appName readPreference readPreferenceTags readConcernLevel serverMonitoringMode w'),
};

const SPELLINGS = new Map([...Object.keys(NEEDED), ...Object.keys(OURS)].map((name) => [name.toLowerCase(), name]));

/**
 * The values of these options are secrets. Text after such a value that is not an option may be the rest of the secret.
 */
const SECRET = /password|passphrase|token|secret|authMechanismProperties/i;

export const MECHANISMS = [
  'SCRAM-SHA-1',
  'SCRAM-SHA-256',
  'MONGODB-X509',
  'MONGODB-AWS',
  'MONGODB-OIDC',
  'GSSAPI',
  'PLAIN',
  'DEFAULT',
] as const;
const COMPRESSORS = ['snappy', 'zlib', 'zstd'];

export type Options = ReadonlyMap<string, string>;

/** The name as written, and the decoded value. */
export type Written = readonly (readonly [string, string])[];

export function isOption(name: string): boolean {
  return SPELLINGS.has(name.toLowerCase());
}

const PROPERTIES = ['environment', 'token_resource', 'allowed_hosts', 'aws_session_token', 'canonicalize_host_name'];

/** The needed options that a driver's error names; the rest of the error is not repeated. */
export function optionsNamedIn(message: string): readonly string[] {
  const words = new Set(message.toLowerCase().split(/[^a-z0-9_]+/));
  const isProperty = PROPERTIES.some((name) => words.has(name));
  return isProperty ? ['authMechanismProperties'] : Object.keys(NEEDED).filter((name) => words.has(name.toLowerCase()));
}

/** The options that a reading needs, and the findings about all options. */
export function readOptions(written: Written): {
  readonly options: Options;
  readonly findings: readonly LintFinding[];
} {
  const options = new Map<string, string>();
  const findings: LintFinding[] = [];
  const unknown: string[] = [];
  const malformed: string[] = [];
  let isAfterSecret = false;
  for (const [given, value] of written) {
    const name = SPELLINGS.get(given.toLowerCase());
    if (name === undefined) {
      const isEchoed = !isAfterSecret && /^[\w.$-]{1,40}$/.test(given);
      unknown.push(isEchoed ? given : UNNAMED);
    } else if (!(name in NEEDED)) {
      if (!fits(OURS[name], value) && name !== 'readPreferenceTags') malformed.push(name);
    } else {
      const before = options.get(name);
      const alike = before === value ? twiceAlike : twice;
      const wrong = before === undefined ? misfit(name, value) : alike(name);
      if (wrong !== null) findings.push(wrong);
      options.set(name, before ?? value);
    }
    isAfterSecret ||= SECRET.test(given);
  }
  findings.push(...leftOut(unknown, malformed));
  if (options.get('compressors') !== undefined) findings.push(...compressorsIn(options));
  return { options, findings };
}

function kinds(kind: Kind, names: string): Readonly<Record<string, Kind>> {
  return Object.fromEntries(names.split(' ').map((name) => [name, kind]));
}

function fits(kind: Kind | undefined, value: string): boolean {
  if (kind === 'flag') return value === 'true' || value === 'false';
  return kind === 'number' ? /^-?\d{1,10}$/.test(value) : value !== '';
}

function misfit(name: string, value: string): LintFinding | null {
  // Without compressors the connection is only slower.
  if (name === 'compressors' || name === 'zlibCompressionLevel') return null;
  if (value === '') return error('option-empty', `The option ${name} has no value.`, `Write ${name}=…, or remove it.`);
  if (/\?\w+=/.test(value))
    return error(
      'question-mark-twice',
      'The connection string has a second question mark.',
      'Write & between options.',
    );
  if (!fits(NEEDED[name], value)) {
    if (NEEDED[name] === 'flag')
      return error(
        'boolean-invalid',
        `The option ${name} is neither true nor false.`,
        `Write ${name}=true or ${name}=false.`,
      );
    return error(
      'integer-invalid',
      `The option ${name} is not a number.`,
      `Write a whole number, such as ${name}=1080.`,
    );
  }
  if (name === 'family' && !/^[46]$/.test(value))
    return error('value-invalid', 'The option family is neither 4 nor 6.', 'Write family=4 or family=6.');
  if (name === 'proxyPort' && (Number(value) < 1 || Number(value) > 65_535))
    return error('port-invalid', 'The option proxyPort is not a port.', 'Write a number from 1 to 65535.');
  if (name === 'authMechanism' && !MECHANISMS.some((one) => one === value.toUpperCase()))
    return value.toUpperCase() === 'MONGODB-CR'
      ? error('auth-mechanism-removed', 'authMechanism=MONGODB-CR no longer exists.', 'Remove authMechanism.')
      : error(
          'value-invalid',
          'The option authMechanism names no mechanism.',
          `Use one of ${MECHANISMS.slice(0, -1).join(', ')}.`,
        );
  if (name === 'authMechanismProperties' && !value.split(',').every((pair) => pair.includes(':')))
    return error(
      'value-invalid',
      'The option authMechanismProperties is malformed.',
      'Write NAME:value, with commas between pairs.',
    );
  return null;
}

function twice(name: string): LintFinding {
  return error('option-repeated', `The option ${name} stands twice, with different values.`, 'Keep one of them.');
}

function twiceAlike(name: string): LintFinding {
  return warning('option-repeated', `The option ${name} stands twice, with the same value.`, 'Remove one of them.');
}

function hintOf(given: string): string {
  const meant = presentNameOf(given);
  if (meant !== null) return ` (the option is ${meant} now)`;
  const near = nearest(given, [...SPELLINGS.values()]);
  return near === null ? '' : ` (did you mean ${near}?)`;
}

const MOST_NAMED = 8;
const UNNAMED = 'one that may be part of a secret';

function leftOut(unknown: readonly string[], malformed: readonly string[]): readonly LintFinding[] {
  const found: LintFinding[] = [];
  const all = [...new Set(unknown)];
  const named = all.slice(0, MOST_NAMED).map((given) => (given === UNNAMED ? given : `${given}${hintOf(given)}`));
  const names = all.length > MOST_NAMED ? [...named, `${all.length - MOST_NAMED} more`] : named;
  const fix = 'Remove or correct them.';
  if (names.length > 0) {
    const text = `Options that the MongoDB driver does not know are left out: ${joinWords(names)}.`;
    found.push(warning('option-unknown', text, fix));
  }
  if (malformed.length > 0) {
    const text = `Options with malformed values are left out: ${joinWords([...new Set(malformed)])}.`;
    found.push(warning('value-invalid', text, fix));
  }
  return found;
}

/** Leaves out unknown compressors and their levels. */
function compressorsIn(options: Map<string, string>): readonly LintFinding[] {
  const written = (options.get('compressors') ?? '').split(',').map((name) => name.trim().toLowerCase());
  const known = written.filter((name) => COMPRESSORS.includes(name));
  if (known.length === 0) options.delete('compressors');
  else options.set('compressors', [...new Set(known)].join(','));
  if (!/^(-1|\d)$/.test(options.get('zlibCompressionLevel') ?? '')) options.delete('zlibCompressionLevel');
  if (written.every((name) => COMPRESSORS.includes(name) || name === 'none')) return [];
  const text = 'The option compressors names something that does not compress: it is left out.';
  return [warning('value-invalid', text, `Use ${joinWords(COMPRESSORS)}, with commas between.`)];
}

/** A name of another driver or an older version, and MongoDB's name. */
const RENAMED: Readonly<Record<string, string>> = {
  ssl_ca_certs: 'tlsCAFile',
  sslCA: 'tlsCAFile',
  sslCAFile: 'tlsCAFile',
  sslCertificateAuthorityFile: 'tlsCAFile',
  ssl_certfile: 'tlsCertificateKeyFile',
  ssl_keyfile: 'tlsCertificateKeyFile',
  ssl_pem_passphrase: 'tlsCertificateKeyFilePassword',
  ssl_crlfile: 'tlsCRLFile',
  sslCert: 'tlsCertificateKeyFile',
  sslKey: 'tlsCertificateKeyFile',
  sslPass: 'tlsCertificateKeyFilePassword',
  sslPEMKeyFile: 'tlsCertificateKeyFile',
  sslPEMKeyPassword: 'tlsCertificateKeyFilePassword',
  sslClientCertificateKeyFile: 'tlsCertificateKeyFile',
  sslClientCertificateKeyPassword: 'tlsCertificateKeyFilePassword',
  sslCRL: 'tlsCRLFile',
  ssl_cert_reqs: 'tlsAllowInvalidCertificates',
  sslValidate: 'tlsAllowInvalidCertificates',
  sslVerifyCertificate: 'tlsAllowInvalidCertificates',
  sslAllowInvalidCertificates: 'tlsAllowInvalidCertificates',
  ssl_match_hostname: 'tlsAllowInvalidHostnames',
  checkServerIdentity: 'tlsAllowInvalidHostnames',
  sslAllowInvalidHostnames: 'tlsAllowInvalidHostnames',
  sslInvalidHostNameAllowed: 'tlsAllowInvalidHostnames',
  sslInsecure: 'tlsInsecure',
  tlsCertificateFile: 'tlsCertificateKeyFile',
  tlsPrivateKeyFile: 'tlsCertificateKeyFile',
  gssapiServiceName: 'authMechanismProperties=SERVICE_NAME',
  authdb: 'authSource',
  authenticationDatabase: 'authSource',
  connect: 'directConnection',
  rs_name: 'replicaSet',
};

const PRESENT = new Map(Object.entries(RENAMED).map(([name, now]) => [name.toLowerCase(), now]));

function presentNameOf(name: string): string | null {
  return PRESENT.get(name.toLowerCase()) ?? null;
}
