// The options of a connection string: spelling, type, values, default, and which drivers know them.

import { type DefaultedOption, defaultsOf } from './defaults.ts';
import { DRIVERS, type DriverChoice, type DriverName } from './driver.ts';

/**
 * `list`: words with commas between them. `pairs`: `name:value` with commas between pairs. `write-concern`: a number, or
 * a name such as `majority`.
 */
type OptionType = 'boolean' | 'integer' | 'text' | 'choice' | 'list' | 'pairs' | 'write-concern';

/**
 * `removed`: earlier versions knew it. `ignored`: accepted without effect. `unknown`: Node.js throws, the others warn or
 * say nothing.
 */
export type OptionStatus = 'known' | 'deprecated' | 'removed' | 'ignored' | 'unknown';

/** Where a fact was read; knowledge was not read again. */
type FactSource = 'specification' | 'driver source' | 'knowledge';

export interface UriOption {
  /** As the specification spells it. Drivers ignore case. */
  readonly name: string;
  readonly type: OptionType;
  /** Its value is a secret, or can contain one, and is never shown. */
  readonly secret: boolean;
  /** Of a choice or list; null where any text is accepted. */
  readonly values: readonly string[] | null;
  /** Of an integer, both included; null without such a bound. */
  readonly min: number | null;
  readonly max: number | null;
  readonly unit: 'ms' | 's' | null;
  /** By the specification, where it is the same for all drivers; null for none. See `defaultOf`. */
  readonly default: boolean | number | string | null;
  /** May stand several times. */
  readonly isRepeatable: boolean;
  readonly needsSrv: boolean;
  /** In the specification of URI options. */
  readonly isSpecified: boolean;
  /** The option to use in place of a deprecated or removed one; null for none. */
  readonly instead: string | null;
  readonly knownTo: readonly DriverName[];
  /** Of those who know it. */
  readonly deprecatedFor: readonly DriverName[];
  /** Accepted without effect. */
  readonly ignoredBy: readonly DriverName[];
  /** Earlier versions of these drivers knew it. */
  readonly removedFrom: readonly DriverName[];
  readonly source: FactSource;
}

interface Row {
  readonly type: OptionType;
  readonly secret?: true;
  readonly values?: string;
  readonly min?: number;
  readonly max?: number;
  readonly unit?: 'ms' | 's';
  readonly default?: boolean | number | string;
  readonly repeatable?: true;
  readonly srv?: true;
  readonly instead?: string;
  /** Drivers, with blanks between them; missing: all. */
  readonly only?: string;
  readonly but?: string;
  readonly deprecated?: string;
  readonly removed?: string;
  readonly ignored?: string;
}

const C = 'c cpp php';
const FLAG = { type: 'boolean' } as const;
const TEXT = { type: 'text' } as const;
const WHOLE = { type: 'integer', min: 0 } as const;
const MS = { ...WHOLE, unit: 'ms' } as const;

const MECHANISMS = 'SCRAM-SHA-1 SCRAM-SHA-256 MONGODB-X509 MONGODB-AWS MONGODB-OIDC GSSAPI PLAIN';

/** Specification: URI options; which driver knows which: driver source, Node.js measured by a test. */
const SPECIFIED: Readonly<Record<string, Row>> = {
  appName: TEXT,
  authMechanism: { type: 'choice', values: MECHANISMS },
  // AWS_SESSION_TOKEN is a secret.
  authMechanismProperties: { type: 'pairs', secret: true },
  authSource: TEXT,
  compressors: { type: 'list', values: 'snappy zlib zstd' },
  connectTimeoutMS: MS,
  directConnection: { ...FLAG, default: false },
  enableOverloadRetargeting: { ...FLAG, default: false, but: 'java rust' },
  heartbeatFrequencyMS: { ...MS, min: 500 },
  journal: FLAG,
  loadBalanced: { ...FLAG, default: false },
  localThresholdMS: { ...MS, default: 15 },
  maxAdaptiveRetries: { ...WHOLE, default: 2, but: 'java' },
  maxConnecting: { ...WHOLE, min: 1, but: C },
  maxIdleTimeMS: { ...MS, but: C },
  maxPoolSize: { ...WHOLE, ignored: 'php' },
  // -1 is without a limit; from 1 to 89 is an error.
  maxStalenessSeconds: { type: 'integer', min: -1, unit: 's', default: -1 },
  minPoolSize: { ...WHOLE, but: C, removed: C },
  proxyHost: { ...TEXT, secret: true, but: `python go ruby ${C}` },
  proxyPassword: { ...TEXT, secret: true, but: `python go ruby ${C}` },
  proxyPort: { ...WHOLE, min: 1, max: 65_535, secret: true, default: 1080, but: `python go ruby ${C}` },
  proxyUsername: { ...TEXT, secret: true, but: `python go ruby ${C}` },
  // Any text is valid: a server may know more levels.
  readConcernLevel: TEXT,
  readPreference: {
    type: 'choice',
    values: 'primary primaryPreferred secondary secondaryPreferred nearest',
    default: 'primary',
  },
  readPreferenceTags: { type: 'pairs', repeatable: true },
  replicaSet: TEXT,
  retryReads: { ...FLAG, default: true },
  retryWrites: { ...FLAG, default: true },
  serverMonitoringMode: { type: 'choice', values: 'auto stream poll', default: 'auto' },
  serverSelectionTimeoutMS: MS,
  // For single-threaded drivers.
  serverSelectionTryOnce: { ...FLAG, only: C, default: true },
  socketTimeoutMS: { ...MS, ignored: 'go', deprecated: 'python java csharp ruby', instead: 'timeoutMS' },
  srvMaxHosts: { ...WHOLE, default: 0, srv: true },
  srvServiceName: { ...TEXT, default: 'mongodb', srv: true },
  ssl: { ...FLAG, deprecated: DRIVERS.join(' '), instead: 'tls' },
  // 7.9.0 of Node.js: "has no effect and will be removed in a future release".
  timeoutMS: { ...MS, but: `rust ${C}`, ignored: 'node' },
  tls: FLAG,
  tlsAllowInvalidCertificates: { ...FLAG, default: false, but: 'java go csharp' },
  tlsAllowInvalidHostnames: { ...FLAG, default: false, but: 'go csharp' },
  tlsCAFile: { ...TEXT, but: 'java csharp' },
  tlsCertificateKeyFile: { ...TEXT, but: 'java csharp' },
  tlsCertificateKeyFilePassword: { ...TEXT, secret: true, but: 'java csharp' },
  tlsDisableCertificateRevocationCheck: { ...FLAG, default: false, only: `csharp ${C}` },
  tlsDisableOCSPEndpointCheck: { ...FLAG, default: false, only: `python go ruby ${C}` },
  tlsInsecure: { ...FLAG, default: false },
  w: { type: 'write-concern' },
  waitQueueTimeoutMS: {
    ...MS,
    but: 'go',
    ignored: 'php',
    deprecated: 'python java csharp ruby',
    instead: 'timeoutMS',
  },
  wTimeoutMS: { ...MS, but: 'go', removed: 'go', deprecated: 'python java csharp ruby', instead: 'timeoutMS' },
  zlibCompressionLevel: { type: 'integer', min: -1, max: 9, default: -1 },
};

/** Options that only some drivers know. Driver source; the defaults of Node.js are those of its own table. */
const OF_DRIVERS: Readonly<Record<string, Row>> = {
  autoSelectFamily: { ...FLAG, only: 'node' },
  autoSelectFamilyAttemptTimeout: { ...MS, only: 'node' },
  bsonRegExp: { ...FLAG, only: 'node' },
  ca: { ...TEXT, only: 'node' },
  cert: { ...TEXT, only: 'node' },
  checkServerIdentity: { ...FLAG, only: 'node', deprecated: 'node', instead: 'tlsAllowInvalidHostnames' },
  crl: { ...TEXT, only: 'node' },
  datetime_conversion: { ...TEXT, only: 'python' },
  dbName: { ...TEXT, only: 'node' },
  enableUtf8Validation: { ...FLAG, only: 'node', default: true },
  family: { type: 'choice', values: '4 6', only: 'node' },
  forceServerObjectId: { ...FLAG, only: 'node', default: false },
  ignoreUndefined: { ...FLAG, only: 'node' },
  ipv6: { ...FLAG, only: 'csharp' },
  key: { ...TEXT, secret: true, only: 'node' },
  localAddress: { ...TEXT, only: 'node' },
  maxLifeTimeMS: { ...MS, only: 'java csharp' },
  minHeartbeatFrequencyMS: { ...MS, only: 'node', default: 500 },
  monitorCommands: { ...FLAG, only: 'node', default: false },
  noDelay: { ...FLAG, only: 'node', default: true },
  passphrase: { ...TEXT, secret: true, only: 'node' },
  pfx: { ...TEXT, secret: true, only: 'node' },
  promoteBuffers: { ...FLAG, only: 'node' },
  promoteLongs: { ...FLAG, only: 'node' },
  promoteValues: { ...FLAG, only: 'node' },
  raw: { ...FLAG, only: 'node', default: false },
  rejectUnauthorized: { ...FLAG, only: 'node' },
  serializeFunctions: { ...FLAG, only: 'node' },
  servername: { ...TEXT, only: 'node' },
  socketCheckIntervalMS: { ...MS, only: C, default: 5_000 },
  srvAllowedHostsSuffix: { ...TEXT, only: 'node', srv: true },
  tlsCRLFile: { ...TEXT, only: 'node python' },
  tlsCertificateFile: { ...TEXT, only: 'go' },
  tlsPrivateKeyFile: { ...TEXT, secret: true, only: 'go' },
  tz_aware: { ...FLAG, only: 'python' },
  unicode_decode_error_handler: { ...TEXT, only: 'python' },
  uuidRepresentation: {
    type: 'choice',
    values: 'unspecified standard pythonLegacy javaLegacy csharpLegacy',
    only: 'python java rust',
  },
  waitQueueSize: { ...WHOLE, only: 'csharp' },
  zstdCompressionLevel: { type: 'integer', min: 1, max: 22, only: 'go' },
};

/** Older names and options: some drivers still accept them. Driver source; those of nobody: knowledge. */
const OLD: Readonly<Record<string, Row>> = {
  acceptableLatencyMS: { ...MS, only: '', instead: 'localThresholdMS' },
  autoReconnect: { ...FLAG, only: '' },
  bufferMaxEntries: { type: 'integer', only: '' },
  canonicalizeHostname: { ...FLAG, only: C, deprecated: C, removed: 'node', instead: 'authMechanismProperties' },
  connect: { ...TEXT, only: 'python go ruby', deprecated: 'go ruby', instead: 'directConnection' },
  connectWithNoPrimary: { ...FLAG, only: '' },
  fsync: { ...FLAG, only: 'node python csharp ruby', deprecated: 'node python csharp ruby', instead: 'journal' },
  gssapiServiceName: {
    ...TEXT,
    only: `java csharp ${C}`,
    deprecated: `java csharp ${C}`,
    removed: 'node python',
    instead: 'authMechanismProperties',
  },
  ha: { ...FLAG, only: '' },
  haInterval: { ...MS, only: '' },
  heartbeatIntervalMS: { ...MS, only: 'go csharp', deprecated: 'go csharp', instead: 'heartbeatFrequencyMS' },
  j: { ...FLAG, only: 'node java csharp', deprecated: 'node java csharp', removed: 'python ruby', instead: 'journal' },
  keepAlive: { ...FLAG, only: '' },
  keepAliveInitialDelay: { ...MS, only: 'node', deprecated: 'node' },
  loggerLevel: { ...TEXT, only: '' },
  maxStaleness: { type: 'integer', only: 'go csharp', deprecated: 'go csharp', instead: 'maxStalenessSeconds' },
  minSize: { ...WHOLE, only: '', instead: 'minPoolSize' },
  numberOfRetries: { ...WHOLE, only: '' },
  poolSize: { ...WHOLE, only: '', instead: 'maxPoolSize' },
  promiseLibrary: { ...TEXT, only: '' },
  reconnectInterval: { ...MS, only: '' },
  reconnectTries: { ...WHOLE, only: '' },
  replicaSetName: { ...TEXT, only: '', instead: 'replicaSet' },
  rs_name: { ...TEXT, only: '', instead: 'replicaSet' },
  safe: {
    ...FLAG,
    only: `java csharp ${C}`,
    deprecated: `java csharp ${C}`,
    removed: 'node python ruby',
    instead: 'w',
  },
  secondaryAcceptableLatencyMS: { ...MS, only: 'csharp', deprecated: 'csharp', instead: 'localThresholdMS' },
  slaveOk: { ...FLAG, only: '', instead: 'readPreference' },
  socketKeepAlive: { ...FLAG, only: '' },
  sslAllowInvalidCertificates: { ...FLAG, only: C, deprecated: C, instead: 'tlsAllowInvalidCertificates' },
  sslAllowInvalidHostnames: { ...FLAG, only: C, deprecated: C, instead: 'tlsAllowInvalidHostnames' },
  sslCA: { ...TEXT, only: '', instead: 'tlsCAFile' },
  sslCAFile: { ...TEXT, only: '', instead: 'tlsCAFile' },
  sslCRL: { ...TEXT, only: '', instead: 'tlsCRLFile' },
  sslCert: { ...TEXT, only: '', instead: 'tlsCertificateKeyFile' },
  sslCertificateAuthorityFile: { ...TEXT, only: `go ${C}`, deprecated: `go ${C}`, instead: 'tlsCAFile' },
  sslClientCertificateKeyFile: { ...TEXT, only: `go ${C}`, deprecated: `go ${C}`, instead: 'tlsCertificateKeyFile' },
  sslClientCertificateKeyPassword: {
    ...TEXT,
    secret: true,
    only: `go ${C}`,
    deprecated: `go ${C}`,
    instead: 'tlsCertificateKeyFilePassword',
  },
  sslInsecure: { ...FLAG, only: 'go', deprecated: 'go', instead: 'tlsInsecure' },
  sslInvalidHostnameAllowed: { ...FLAG, only: 'java', deprecated: 'java', instead: 'tlsAllowInvalidHostnames' },
  sslKey: { ...TEXT, secret: true, only: '', instead: 'tlsCertificateKeyFile' },
  sslPEMKeyFile: { ...TEXT, only: '', instead: 'tlsCertificateKeyFile' },
  sslPEMKeyPassword: { ...TEXT, secret: true, only: '', instead: 'tlsCertificateKeyFilePassword' },
  sslPass: { ...TEXT, secret: true, only: '', instead: 'tlsCertificateKeyFilePassword' },
  sslValidate: { ...FLAG, only: '', instead: 'tlsAllowInvalidCertificates' },
  sslVerifyCertificate: { ...FLAG, only: 'csharp', deprecated: 'csharp', instead: 'tlsInsecure' },
  ssl_ca_certs: { ...TEXT, only: '', instead: 'tlsCAFile' },
  ssl_cert_reqs: { ...TEXT, only: '', instead: 'tlsAllowInvalidCertificates' },
  ssl_certfile: { ...TEXT, only: '', instead: 'tlsCertificateKeyFile' },
  ssl_crlfile: { ...TEXT, only: '', instead: 'tlsCRLFile' },
  ssl_keyfile: { ...TEXT, only: '', instead: 'tlsCertificateKeyFile' },
  ssl_match_hostname: { ...FLAG, only: '', instead: 'tlsAllowInvalidHostnames' },
  ssl_pem_passphrase: { ...TEXT, secret: true, only: '', instead: 'tlsCertificateKeyFilePassword' },
  useCreateIndex: { ...FLAG, only: '' },
  useFindAndModify: { ...FLAG, only: '' },
  useNewUrlParser: { ...FLAG, only: '' },
  useUnifiedTopology: { ...FLAG, only: '' },
  validateOptions: { ...FLAG, only: '' },
  waitQueueMultiple: { ...WHOLE, only: 'python csharp', deprecated: 'python csharp', removed: 'node java go ruby' },
  wtimeout: {
    ...MS,
    only: 'node java csharp',
    deprecated: 'node java csharp',
    removed: 'python ruby',
    instead: 'wTimeoutMS',
  },
};

const OPTIONS: ReadonlyMap<string, UriOption> = new Map(
  Object.entries({ ...SPECIFIED, ...OF_DRIVERS, ...OLD }).map(([name, row]) => [
    name.toLowerCase(),
    optionOf(name, row),
  ]),
);

/** All options, in the order of the specification, of drivers, then old ones. */
export const URI_OPTIONS: readonly UriOption[] = [...OPTIONS.values()];

function driversIn(list: string | undefined): readonly DriverName[] {
  const words = list?.split(' ') ?? [];
  return DRIVERS.filter((driver) => words.includes(driver));
}

function optionOf(name: string, row: Row): UriOption {
  const isSpecified = name in SPECIFIED;
  const without = driversIn(row.but);
  return {
    name,
    type: row.type,
    secret: row.secret ?? false,
    values: row.values?.split(' ') ?? null,
    min: row.min ?? null,
    max: row.max ?? null,
    unit: row.unit ?? null,
    default: row.default ?? null,
    isRepeatable: row.repeatable ?? false,
    needsSrv: row.srv ?? false,
    isSpecified,
    instead: row.instead ?? null,
    knownTo: row.only === undefined ? DRIVERS.filter((driver) => !without.includes(driver)) : driversIn(row.only),
    deprecatedFor: driversIn(row.deprecated),
    ignoredBy: driversIn(row.ignored),
    removedFrom: driversIn(row.removed),
    source: isSpecified ? 'specification' : row.only === '' ? 'knowledge' : 'driver source',
  };
}

/** In any case of letters; null for a name that no driver knows or knew. */
export function uriOption(name: string): UriOption | null {
  return OPTIONS.get(name.toLowerCase()) ?? null;
}

/**
 * For `any`: removed where no driver knows it any more, deprecated where all that know it say so. Which drivers differ:
 * ask for each.
 */
export function statusOf(option: UriOption, driver: DriverChoice): OptionStatus {
  const { knownTo, deprecatedFor, ignoredBy, removedFrom } = option;
  const isGone = knownTo.length === 0;
  if (driver === 'any') return isGone ? 'removed' : deprecatedFor.length === knownTo.length ? 'deprecated' : 'known';
  if (ignoredBy.includes(driver)) return 'ignored';
  if (deprecatedFor.includes(driver)) return 'deprecated';
  if (knownTo.includes(driver)) return 'known';
  return isGone || removedFrom.includes(driver) ? 'removed' : 'unknown';
}

/** What the driver does where the option is missing; null for nothing. */
export function defaultOf(option: UriOption, driver: DriverChoice): boolean | number | string | null {
  const defaults = defaultsOf(driver);
  return isDefaulted(option.name, defaults) ? defaults[option.name] : option.default;
}

function isDefaulted(name: string, defaults: object): name is DefaultedOption {
  return name in defaults;
}
