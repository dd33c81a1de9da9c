// What becomes of a connection string as people have it: it works, or one sentence names what is wrong and repeats none
// of it.

import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { printConnectionString, readConnectionString, secretsIn } from '../../../src/core/lint/connection-string.ts';
import specification from '../../fixtures/found/uris/uri-spec.json' with { type: 'json' };
import { PASSWORD_PIECES, triedStrings } from './tried-strings.ts';

/** What must follow: null where the string works as it is, a remark in brackets where it works all the same. */
const OUTCOMES: Readonly<Record<string, string | null>> = {
  'percent-encoded': null,
  'ipv6-host': null,
  'unix-socket': null,
  'unix-socket-no-direct': null,
  'authSource-by-path': null,
  'authSource-by-option': null,
  'umlaut-unescaped': null,
  'trailing-newline': null,
  'trailing-newline-noopt': null,
  'trailing-space': null,
  'leading-space-quotes': '(surrounding-text)',
  'html-amp': '(html-escaped)',
  placeholder: 'placeholder-left',
  'unescaped-at': 'userinfo-unescaped',
  'unescaped-hash': 'userinfo-unescaped',
  'bad-percent': 'percent-malformed',
  'compressors-zstd': null,
  'compressors-snappy-zlib': null,
  'compressors-zstd-snappy-zlib': null,
  'ipv6-no-brackets': 'ipv6-unbracketed',
  'no-scheme': 'scheme-invalid',
  'two-uris': 'surrounding-text',
  'removed-option': '(option-unknown)',
  'bitnami-multi': null,
  aws: null,
  'aws-env': null,
  'x509-missing-file': null,
  'tlsCAFile-missing': null,
  'tlsCAFile-nofile': null,
  'tlsCAFile-dir': null,
  'tlsCAFile-garbage': null,
  oidc: null,
  loadbalanced: null,
  gssapi: null,
  'wrong-replicaset': null,
  'plain-on-tls': null,
  documentdb: null,
  cosmos: null,
  proxy: null,
  readPrefTags: null,
  appName: null,
  scramsha1: null,
  'srv-nowhere': null,
  'srv-with-port': 'srv-port',
  'srv-two': 'srv-multiple-hosts',
  'uppercase-scheme': '(scheme-invalid)',
  timeoutMS: null,
  multi: null,
  'multi-spaces': '(surrounding-text)',
  'ns-authsource': '(option-repeated)',
  semicolons: '(separator-semicolon)',
  ssl_cert: '(option-unknown)',
  jdbcpara: '(option-unknown)',
};

function outcome(uri: string): string | null {
  const { string, findings } = readConnectionString(uri);
  const [first] = findings;
  if (first === undefined) return null;
  return string === null ? first.id : `(${first.id})`;
}

test.each(triedStrings())('$name works, or is named without a piece of its password', ({ name, uri }) => {
  expect(outcome(uri)).toBe(OUTCOMES[name]);
  const { string, findings } = readConnectionString(uri);
  const said = JSON.stringify(findings);
  for (const piece of PASSWORD_PIECES) expect(said).not.toContain(piece);
  if (string === null) return;
  const { options } = new MongoClient(printConnectionString(string));
  expect(options).toMatchObject({ maxPoolSize: 100, minPoolSize: 0, socketTimeoutMS: 0 });
});

/** Siblings of those that were tried. `s3cr` and `w0rd` are the pieces of every password. */
test.each([
  ['mongodb://root:s3cr:w0rd@h', 'userinfo-unescaped'],
  ['mongodb://root:s3cr/w0rd@h/db', 'userinfo-unescaped'],
  ['mongodb://root:s3cr?w0rd@h/db', 'userinfo-unescaped'],
  ['mongodb://root:s3cr?w=w0rd@h/db', 'userinfo-unescaped'],
  ['mongodb://root:s3cr#w0rd@h/db?tls=true', 'userinfo-unescaped'],
  ['mongodb://root:s3cr[w0rd]@h/db', 'userinfo-unescaped'],
  ['mongodb+srv://root:s3cr@w0rd@h.example.net/db', 'userinfo-unescaped'],
  ['mongodb://root:s3crw0rd', 'port-invalid'],
  ['mongodb://root:s3crw0rd/db?tls=true', 'port-invalid'],
  ['mongodb://root:%C3s3crw0rd@h', 'percent-malformed'],
  ['mongodb://root:100%s3crw0rd@h', 'percent-malformed'],
  ['mongodb://ro%ot:s3crw0rd@h', 'percent-malformed'],
  ['mongodb://<username>:s3crw0rd@h', 'placeholder-left'],
  ['mongodb://root:%3Cdb_password%3E@h', 'placeholder-left'],
  [`mongodb://root:\${DB_PASSWORD}@h`, 'placeholder-left'],
  ['mongodb+srv://root:s3crw0rd@cluster0.xxxxx.mongodb.net', 'placeholder-left'],
  ['mongodb://:s3crw0rd@h', 'username-missing'],
  ['mongodb://@h', 'username-missing'],
  ['', 'scheme-invalid'],
  ['root:s3crw0rd@h:27017/db', 'scheme-invalid'],
  ['mongo://root:s3crw0rd@h', 'scheme-invalid'],
  ['https://cloud.mongodb.com/v2/s3crw0rd', 'scheme-invalid'],
  ['mongodb:/root:s3crw0rd@h', 'scheme-invalid'],
  ['mongodb://root:s3cr@a mongodb://root:w0rd@b', 'surrounding-text'],
  ['mongodb://https://root:s3crw0rd@h', 'userinfo-unescaped'],
  ['mongodb://', 'host-missing'],
  ['mongodb://root:s3crw0rd@', 'host-missing'],
  ['mongodb://root:s3crw0rd@a:1,,b:2/', 'host-missing'],
  ['mongodb://root:s3crw0rd@/tmp/mongodb-27017.sock', 'socket-unescaped'],
  ['mongodb://root:s3crw0rd@%2Ftmp%2Fmongodb-27017/', 'socket-unescaped'],
  ['mongodb+srv://root:s3crw0rd@%2Ftmp%2Fm.sock/', 'socket-unescaped'],
  ['mongodb://root:s3crw0rd@h:0', 'port-invalid'],
  ['mongodb://root:s3crw0rd@h:99999', 'port-invalid'],
  ['mongodb://root:s3crw0rd@h:', 'port-invalid'],
  ['mongodb://root:s3crw0rd@::1', 'ipv6-unbracketed'],
  ['mongodb://root:s3crw0rd@[::1', 'host-invalid'],
  ['mongodb://root:s3crw0rd@a b/', 'host-invalid'],
  ['mongodb+srv://root:s3crw0rd@10.0.0.1/', 'srv-host-address'],
  ['mongodb://root:s3crw0rd@h/authSource=admin', 'question-mark-missing'],
  ['mongodb://root:s3crw0rd@h/&tls=true', 'question-mark-missing'],
  ['mongodb://root:s3crw0rd@h/db/collection', 'database-name-invalid'],
  ['mongodb://root:s3crw0rd@h/?tls=true?authSource=admin', 'question-mark-twice'],
  ['mongodb://root:s3crw0rd@h/?tls=yes', 'boolean-invalid'],
  ['mongodb://root:s3crw0rd@h/?directConnection=1', 'boolean-invalid'],
  ['mongodb://root:s3crw0rd@h/?replicaSet=', 'option-empty'],
  ['mongodb://root:s3crw0rd@h/?authSource', 'option-empty'],
  ['mongodb://root:s3crw0rd@h/?proxyHost=p&proxyPort=x', 'integer-invalid'],
  ['mongodb://root:s3crw0rd@h/?proxyHost=p&proxyPort=0', 'value-invalid'],
  ['mongodb://root:s3crw0rd@h/?authMechanism=MONGODB-CR', 'auth-mechanism-removed'],
  ['mongodb://root:s3crw0rd@h/?authMechanism=MAGIC', 'value-invalid'],
  ['mongodb://root@h/?authMechanism=GSSAPI&authMechanismProperties=s3crw0rd', 'value-invalid'],
  ['mongodb://h/?authMechanism=GSSAPI', 'username-missing'],
  ['mongodb://h/?authMechanism=MONGODB-X509&authSource=admin', 'auth-external-required'],
  ['mongodb://root:s3crw0rd@h/?authMechanism=MONGODB-AWS', 'auth-aws-userinfo'],
  ['mongodb://root:s3crw0rd@h/?authSource=a&authSource=b', 'option-repeated'],
  ['mongodb://root:s3crw0rd@a,b/?directConnection=true', 'conflict-direct-hosts'],
  ['mongodb+srv://root:s3crw0rd@h.example.net/?directConnection=true', 'conflict-direct-srv'],
  ['mongodb://root:s3crw0rd@h/?loadBalanced=true&replicaSet=rs0', 'conflict-load-balanced'],
  ['mongodb://root:s3crw0rd@a,b/?loadBalanced=true', 'conflict-load-balanced'],
  ['mongodb://root:s3crw0rd@h/?tls=true&ssl=false', 'conflict-tls'],
  ['mongodb://root:s3crw0rd@h/?tlsInsecure=true&tlsAllowInvalidHostnames=true', 'conflict-tls'],
  ['mongodb://root:s3crw0rd@h/?proxyPort=1080', 'conflict-proxy'],
  ['mongodb://root:s3crw0rd@h/?srvServiceName=x', 'conflict-srv-option-without-srv'],
  ['MONGODB_URI="mongodb://root:s3crw0rd@h/"', '(surrounding-text)'],
  ['export MONGODB_URI=mongodb://root:s3crw0rd@h/', '(surrounding-text)'],
  ["'mongodb://root:s3crw0rd@h/'", '(surrounding-text)'],
  ['jdbc:mongodb://root:s3crw0rd@h/', '(scheme-invalid)'],
  ['MongoDB+SRV://root:s3crw0rd@h.example.net', '(scheme-invalid)'],
  ['mongodb://root:s3crw0rd@h/?tls=true&#38;authSource=admin', '(html-escaped)'],
  ['mongodb://root:s3crw0rd@h/?retryWrites=ture', '(value-invalid)'],
  ['mongodb://root:s3crw0rd@h/?maxPoolSize=lots&w=', '(value-invalid)'],
  ['mongodb://root:s3crw0rd@h/?compressors=gzip,zlib', '(value-invalid)'],
  ['mongodb://root:s3crw0rd@h/?3t.uriVersion=3&3t.connection.name=prod', '(option-unknown)'],
  ['mongodb://root:s3crw0rd@h/?tlsCAFile=/ca.pem', '(tls-missing)'],
  ['mongodb+srv://root:s3crw0rd@h.example.net/?srvMaxHosts=2&replicaSet=rs0', null],
  ['mongodb://root:s3crw0rd@h?tls=true', null],
  ['mongodb://root:s3crw0rd@h/?TLS=true&ReplicaSet=rs0', null],
  ['mongodb://root:s3crw0rd@h/?tls=true&ssl=true', null],
  ['mongodb://root:s3crw0rd@h/?appName=@acct@&retryWrites=false', null],
  ['mongodb://root:@h/', null],
  ['mongodb://root:s3crw0rd@h/?authMechanism=scram-sha-256', null],
  ['mongodb://myuser:s3crw0rd@[::1]/', null],
  ['mongodb://root:s3crw0rd?s3cr=w0rd', 'port-invalid'],
  ['mongodb://root:s3cr w0rd@h/', null],
])('%s: %s', (uri, expected) => {
  expect(outcome(uri)).toBe(expected);
  const { string, findings } = readConnectionString(uri);
  expect(JSON.stringify(findings)).not.toMatch(/s3cr|w0rd/);
  if (string !== null) expect(() => new MongoClient(printConnectionString(string))).not.toThrow();
});

test('an unknown option is named with the nearest known one; the rest of a secret is not', () => {
  const said = (uri: string) => readConnectionString(uri).findings.map(({ text }) => text);
  expect(said('mongodb://h/?authSorce=admin&ssl_ca_certs=/x&keepAlive=true')).toEqual([
    'Options that the MongoDB driver does not know are left out: authSorce (did you mean authSource?), ' +
      'ssl_ca_certs (the option is tlsCAFile now) and keepAlive.',
  ]);
  expect(said('mongodb://h/?tls=true&tlsCertificateKeyFilePassword=ab&s3crw0rd=x').join()).not.toContain('s3cr');
  const many = Array.from({ length: 5_000 }, (_, index) => `x${index}=1`).join('&');
  expect(said(`mongodb://h/?${many}`)[0]).toMatch(/x7 and 4992 more\.$/);
});

test('only options that a connection needs are passed to the driver', () => {
  const hostile =
    'timeoutMS=1&socketTimeoutMS=1&connectTimeoutMS=1&serverSelectionTimeoutMS=1&maxPoolSize=0&minPoolSize=20&' +
    'maxIdleTimeMS=1&waitQueueTimeoutMS=1&heartbeatFrequencyMS=1&readPreference=secondary&maxStalenessSeconds=1&' +
    'readPreferenceTags=a:b&readPreferenceTags=&readConcernLevel=linearizable&w=0&journal=true&wTimeoutMS=1&' +
    'retryReads=false&retryWrites=false&appName=somebody&serverMonitoringMode=stream&localThresholdMS=0&maxConnecting=0';
  const { string, findings } = readConnectionString(`mongodb://u:p@h/shop?authSource=admin&${hostile}&tls=true`);
  expect(findings).toEqual([]);
  expect(string === null ? null : printConnectionString(string)).toBe('mongodb://u:p@h/shop?authSource=admin&tls=true');
});

test('a secret in any shape of a string is known as one, so that it can be hidden', () => {
  expect(secretsIn('mongodb://u:a%40b@h/')).toEqual(['a%40b', 'a@b']);
  expect(secretsIn('mongodb://u:a@b@h/')).toContain('a@b');
  expect(secretsIn('mongodb://u:a/b?c@h/')).toContain('a/b?c');
  expect(secretsIn('mongodb://u:hunter22')).toContain('hunter22');
  expect(secretsIn('mongodb://u:one1@a,mongodb://u:two2@b')).toEqual(expect.arrayContaining(['one1', 'two2']));
  const options =
    'tlsCertificateKeyFilePassword=key1&proxyPassword=key2&authMechanismProperties=AWS_SESSION_TOKEN:key3';
  expect(secretsIn(`mongodb://h/?${options}`)).toEqual(['key1', 'key2', 'AWS_SESSION_TOKEN:key3']);
  expect(secretsIn('mongodb://h:27017/')).toEqual([]);
});

/** The driver's own, or no fault for reading: it drops what it only has to ignore. */
const OTHER_WISE = new Set([
  'mongodb://example.com/?w',
  'mongodb://example.com/?srvMaxHosts=2',
  'mongodb+srv://test1.test.build.10gen.cc/?srvMaxHosts=2&replicaSet=foo',
]);

test('what the specification and the driver say of a string, we say', () => {
  const view = ({ options }: MongoClient) => {
    const { srvHost, hosts, credentials, tls, directConnection, replicaSet, compressors } = options;
    return { srvHost, hosts: hosts.map(String), credentials, tls, directConnection, replicaSet, compressors };
  };
  const differing: string[] = [];
  for (const { uri, valid } of specification.cases) {
    const { string } = readConnectionString(uri);
    const client = attempt(() => new MongoClient(uri));
    const ours = string === null ? null : attempt(() => new MongoClient(printConnectionString(string)));
    if (client !== null && ours !== null) expect(view(ours), uri).toEqual(view(client));
    // Where the driver is stricter than the specification, so are we.
    const isOurs = ours !== null || string !== null;
    if (valid === true && client !== null && !isOurs) differing.push(uri);
    if (valid === false && ours !== null && !/tlsDisable/.test(uri) && !OTHER_WISE.has(uri)) differing.push(uri);
  }
  expect(differing).toEqual([]);
});

test('a string of a megabyte is parsed in linear time', () => {
  const long = 'a'.repeat(1_000_000);
  for (const uri of [
    `mongodb://${long}`,
    `mongodb://u:${long}@h`,
    `mongodb://h/?${long}`,
    `mongodb://${'h,'.repeat(300_000)}h`,
    `mongodb://h/?${'a=1&'.repeat(100_000)}`,
    `${long}="mongodb://h`,
    `mongodb://u:p@h/?${'@&'.repeat(300_000)}`,
    `mongodb://h/?${'&amp;'.repeat(200_000)}`,
    `mongodb://h/?${';a'.repeat(300_000)}`,
    'mongodb://'.repeat(100_000),
  ]) {
    readConnectionString(uri);
    secretsIn(uri);
  }
});

function attempt<T>(make: () => T): T | null {
  try {
    return make();
  } catch {
    return null;
  }
}
