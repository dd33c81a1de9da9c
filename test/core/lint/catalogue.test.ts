// Each rule of the catalogue: strings that have the finding, and neighbours that have not.

import { expect, test } from 'vitest';
import { CATALOGUE, type LintContext, lintConnectionString } from '../../../src/core/lint/lint.ts';

const ANY: LintContext = { driver: 'any', functions: false, fleet: null };
const NODE: LintContext = { ...ANY, driver: 'node' };
const FAAS: LintContext = { ...ANY, functions: true };
const fleet = (instances: number): LintContext => ({ ...ANY, fleet: { instances, limit: 1_500, reserved: 10 } });

/** S is an Atlas cluster, M its members, H another host; each with a user. */
const S = 'mongodb+srv://u:p@c0.ab1cd.mongodb.net';
const M = 'mongodb://u:p@c0-shard-00-00.ab1cd.mongodb.net:27017,c0-shard-00-01.ab1cd.mongodb.net:27017';
const H = 'mongodb://u:p@h1';

const textOf = (string: string, id: string) =>
  lintConnectionString(string, ANY).findings.find((finding) => finding.id === id)?.text;

test.each([
  [`${H}/?w=2&appName=a&&hunt=1`, 'The 3rd option is'],
  [`${H}/?hunt=1&w=2&nter=2`, 'The 1st and 3rd options are'],
  [`${H}/?${Array.from({ length: 12 }, (_, at) => `a${at}=1`).join('&')}`, '7th, 8th and 4 more options are'],
  [`${H}/?${'w=2&'.repeat(10)}hunt=1`, 'The 11th option is'],
])('%s: it says which option is unknown, without its name', (string, which) => {
  const text = textOf(string, 'option-unknown');
  expect(text).toContain(`${which} unknown to all drivers.`);
  expect(text).not.toContain('hunt');
});

test.each([
  ['mongodb://anna:p@ss@h', 'The password has'],
  ['mongodb://anna:p/ss@h', 'The password has'],
  ['mongodb://anna@example.com:pass@h', 'The user has'],
  ['mongodb://anna:pa:ss@h', 'The user or the password has'],
  ['mongodb://an/na:p@ss@h', 'The user or the password has'],
])('%s: it says whether the user or the password is not escaped, where that can be told', (string, who) => {
  expect(textOf(string, 'userinfo-unescaped')).toMatch(new RegExp(`^${who} a character`));
});

type Strings = readonly (string | readonly [string, LintContext])[];

const EXPECTED: Readonly<Record<string, readonly [having: Strings, without: Strings]>> = {
  'scheme-invalid': [
    ['', 'mongo://h', 'MongoDB://h', 'jdbc:mongodb://h', 'https://h', 'h:27017', 'u:p@h', 'mongodb:/h'],
    [H, S, 'URI=mongodb://h', '"mongodb+srv://h.example.com"'],
  ],
  'host-is-url': [
    [
      'mongodb://https://h',
      'mongodb://mongodb://h',
      'mongodb://u:p@mongodb+srv://h.example.com',
      'mongodb://a,mongodb://b',
      'mongodb://u:p@h1,http://h2',
      'mongodb://u:p@tcp://h1:27017',
    ],
    [
      H,
      'mongodb://h mongodb://i',
      'mongodb://h/?authMechanism=MONGODB-OIDC&authMechanismProperties=ENVIRONMENT:azure,TOKEN_RESOURCE:mongodb://x',
    ],
  ],
  'surrounding-text': [
    [
      '(mongodb://h)',
      '<uri>mongodb://h</uri>',
      '"mongodb://h"',
      "URI='mongodb://h'",
      'mongosh mongodb://h --quiet',
      'mongodb://h\nmore',
      'see mongodb://h',
    ],
    ['mongodb://h\n', '  mongodb://h', 'mongodb://h/shop'],
  ],
  'secret-outside-uri': [
    [
      'mongodb://h --password x',
      'mongodb://h -p x',
      'mongosh mongodb://h -psecretly',
      'mongodb://h mongodb://u:p@i',
      '{"uri":"mongodb://h","password":"x"}',
      'docker run -e URI="mongodb://h" -p 3000',
    ],
    [
      'mongodb://h --quiet',
      'docker run -e URI="mongodb://h" -p 8080:80 web',
      'mongodb://h -p 127.0.0.1:27017:27017',
      'MONGODB_URI=mongodb://h',
      'mongodb://h mongodb://i',
    ],
  ],
  'placeholder-left': [
    [
      'mongodb://<user>:<password>@h',
      'mongodb://u:<db_password>@h',
      'mongodb://u:%3Cpassword%3E@h',
      `mongodb://u:\${PASS}@h`,
      'mongodb+srv://u:p@c0.xxxxx.mongodb.net',
      'mongodb://u:p@<host>/',
      'mongodb://u:****@h',
      'mongodb://myuser:mypassword@h',
      'mongodb://u:p@h/<database>',
      'mongodb://$DB_USER:$DB_PASS@h',
      'mongodb://%s:%s@h',
      `${H}:<port>`,
      `${H}/?appName=<appName>`,
    ],
    [
      H,
      'mongodb://u:pass%3Cword@h',
      'mongodb://[::1]/',
      'mongodb://u:xxx@h',
      'mongodb://u:$Hunter@h',
      'mongodb://u:$secret',
      'mongodb+srv://u:p@mycluster.ab1cd.mongodb.net',
    ],
  ],
  'slash-missing': [
    ['mongodb://h?w=2', `${S}?w=majority`, 'mongodb://h1,h2?replicaSet=r'],
    ['mongodb://h/?w=2', 'mongodb://h/', 'mongodb://h'],
  ],
  'question-mark-missing': [
    [
      `${S}/shop&retryWrites=true`,
      `${S}/retryWrites=true`,
      'mongodb://h&w=2',
      'mongodb://h:27017&x=1&w=2',
      `${S}/shop;w=majority`,
    ],
    [`${S}/shop?retryWrites=true`, 'mongodb://h/my=db', 'mongodb://h/a&b'],
  ],
  'question-mark-twice': [
    [`${S}/?w=majority?appName=a`, `${S}/shop??w=majority`, 'mongodb://h?w=2?journal=true'],
    [`${S}/?w=majority&appName=a`, `${S}/?appName=a?`, `${S}/?appName=what%3Fw=1`],
  ],
  'html-escaped': [
    [
      `${S}/?w=majority&amp;appName=a`,
      `${S}/?w=majority&#38;appName=a`,
      `${S}/?w=majority&amp;amp;appName=a`,
      `${S}/?w=majority\\u0026appName=a`,
      `${S}/?w=majority\\&appName=a`,
    ],
    [`${S}/?w=majority&appName=a`, `${S}/?amp=1`, `${S}/?appName=a%26amp%3Bb`],
  ],
  'separator-semicolon': [
    ['mongodb://h/?w=2;journal=true', `${S}/?retryWrites=true;w=majority`, 'mongodb://h/?appName=a;W=2'],
    ['mongodb://h/?w=2&journal=true', 'mongodb://h/?appName=a;b', 'mongodb://h/?appName=a;b=c'],
  ],
  'database-name-invalid': [
    [`${S}/my shop`, `${S}/shop/orders`, `${S}/a%20b`, `${S}/$db`, `${S}/a"b`, `${S}/a%ZZ`],
    [`${S}/shop`, `${S}/my.shop`, `${S}/my-shop_1`, `${S}/`, 'mongodb://u:p@/tmp/mongodb-27017.sock'],
  ],
  'userinfo-unescaped': [
    [':', '/', '?', '#', '[', ']', '@', '/?', '?w=1&', '@@', '@/'].map(
      (mark) => `mongodb://u:a${mark}b@h1.example.com/shop`,
    ),
    [
      ...['%3A', '%2F', '%3F', '%23', '%5B', '%5D', '%40', '%25', '!', '$', '*', '(', '~'].map(
        (mark) => `mongodb://u:a${mark}b@h`,
      ),
      'mongodb://u@h',
      'mongodb://h/?appName=@a@',
      'mongodb://u:p@h.example.com/shop?replicaSet=my@set',
      'mongodb://u:a b@h.example.com/shop',
    ],
  ],
  'percent-malformed': [
    ['mongodb://u:100%@h', 'mongodb://u%:p@h', 'mongodb://u:%zz@h', 'mongodb://u:%C3x@h', 'mongodb://u:%4@h'],
    ['mongodb://u:100%25@h', 'mongodb://u:%c3%a4@h', 'mongodb://u:p@h/?appName=100%25'],
  ],
  'double-encoded': [
    ['mongodb://u:a%2540b@h', 'mongodb://u%252F:p@h', 'mongodb://u:%253a@h'],
    ['mongodb://u:a%40b@h', 'mongodb://u:100%25@h', 'mongodb://u:%25zz@h'],
  ],
  'plus-in-userinfo': [
    ['mongodb://u:a+b@h', 'mongodb://u+v:p@h', 'mongodb://u+v@h'],
    ['mongodb://u:a%2Bb@h', 'mongodb://u:a%20b@h', 'mongodb://u:p@h/?appName=a+b'],
  ],
  'username-missing': [
    ['mongodb://@h', 'mongodb://:p@h', 'mongodb://h/?authMechanism=SCRAM-SHA-256', 'mongodb://h/?authMechanism=GSSAPI'],
    ['mongodb://u@h', 'mongodb://h', 'mongodb://h/?authMechanism=MONGODB-X509'],
  ],
  'host-missing': [
    ['mongodb://', 'mongodb://u:p@', 'mongodb://u:p@:27017', 'mongodb://a,,b', 'mongodb:///shop'],
    [H, 'mongodb:///tmp/mongodb-27017.sock', 'mongodb://u:p@/tmp/mongodb-27017.sock', 'mongodb://a,b'],
  ],
  'host-invalid': [
    ['mongodb://a_b!', 'mongodb://h*', 'mongodb://u:p@h1, h2/', 'mongodb://u%40h'],
    ['mongodb://a_b', 'mongodb://bücher.example.com', 'mongodb://<host>', 'mongodb://rel%2Fx.sock', 'mongodb://:27017'],
  ],
  'port-invalid': [
    [
      'mongodb://h:0',
      'mongodb://h:65536',
      'mongodb://h:x',
      'mongodb://h:',
      'mongodb://[::1]:x',
      'mongodb://u:secret',
      'mongodb://h:-1',
      'mongodb+srv://u:secret%40h',
    ],
    [
      'mongodb://h:1',
      'mongodb://h:65535',
      'mongodb://[::1]:27017',
      'mongodb://::1',
      'mongodb://u:a b@h',
      `${H}:<port>`,
    ],
  ],
  'ipv6-unbracketed': [
    ['mongodb://::1', 'mongodb://2001:db8::1:27017', 'mongodb://u:p@fe80::1/db'],
    ['mongodb://[::1]', 'mongodb://[2001:db8::1]:27017', 'mongodb://h:27017'],
  ],
  'socket-unescaped': [
    [
      'mongodb:///tmp/mongodb-27017.sock',
      'mongodb://u:p@/var/run/m.sock',
      'mongodb://%2Ftmp%2Fmongodb',
      'mongodb+srv://%2Ftmp%2Fm.sock',
      'mongodb:///tmp/m.sock?w=1',
    ],
    ['mongodb://%2Ftmp%2Fm.sock', 'mongodb://rel%2Fm.sock/db', 'mongodb://h/admin.sock'],
  ],
  'srv-port': [
    [`${S}:27017/`, 'mongodb+srv://h.example.com:1', 'mongodb+srv://u:p@h.example.com:27017/?w=majority'],
    [S, `${M}/?replicaSet=r&tls=true`, 'mongodb://h:27017'],
  ],
  'srv-multiple-hosts': [
    ['mongodb+srv://a.example.com,b.example.com', `${S},d0.ab1cd.mongodb.net`, 'mongodb+srv://a,b,c'],
    [S, 'mongodb://a,b', 'mongodb+srv://a.example.com/a,b'],
  ],
  'srv-host-address': [
    [
      'mongodb+srv://10.0.0.5',
      'mongodb+srv://[::1]',
      'mongodb+srv://localhost',
      'mongodb+srv://u:p@c0-shard-00-00.ab1cd.mongodb.net',
    ],
    ['mongodb://10.0.0.5', 'mongodb+srv://a.b', S],
  ],
  'srv-name-without-srv': [
    [
      'mongodb://u:p@c0.ab1cd.mongodb.net/shop',
      'mongodb://c0.ab1cd.mongodb.net',
      'mongodb://c0.ab1cd.mongodb.net:27017',
      'mongodb://C0.AB1CD.MONGODB.NET',
    ],
    [
      S,
      'mongodb://c0-shard-00-00.ab1cd.mongodb.net',
      'mongodb://h.example.com',
      'mongodb://pl-0-eu-west-1.ab1cd.mongodb.net:1024,pl-0-eu-west-1.ab1cd.mongodb.net:1025',
    ],
  ],
  'single-member': [
    [
      'mongodb://h1/?replicaSet=r',
      'mongodb://u:p@c0-shard-00-00.ab1cd.mongodb.net/?tls=true',
      'mongodb://10.0.0.1:27017/?replicaSet=r',
    ],
    [
      'mongodb://h1/',
      'mongodb://h1,h2/?replicaSet=r',
      'mongodb://h1/?replicaSet=r&directConnection=true',
      S,
      'mongodb://u:p@a.mongo.cosmos.azure.com:10255/?ssl=true&replicaSet=globaldb',
      'mongodb://u:p@h1,u:p@h2/?replicaSet=r',
    ],
  ],
  'replica-set-missing': [
    ['mongodb://h1,h2', `${M}/?tls=true&authSource=admin`, 'mongodb://h1:1,h2:2/shop?w=2'],
    ['mongodb://h1,h2/?replicaSet=r', H, S, 'mongodb://h1,h2/?loadBalanced=true'],
  ],
  'copied-from-mongosh': [
    [
      `${H}/?directConnection=true&serverSelectionTimeoutMS=2000`,
      `${H}/?appName=mongosh+2.3.1`,
      `${H}/?appName=mongosh%202.3`,
    ],
    [`${H}/?directConnection=true`, `${H}/?serverSelectionTimeoutMS=2000`, `${H}/?appName=mongoshop`],
  ],
  'option-unknown': [
    [
      `${H}/?foo=bar`,
      `${H}/?retryWrite=true`,
      `${H}/?password=x`,
      [`${H}/?maxLifeTimeMS=5`, NODE],
      [`${H}/?uuidRepresentation=standard`, NODE],
      `${H}/?uuidRepresentation=standard`,
      `${H}/?minPoolSize=1`,
      `${H}/?family=4`,
    ],
    [
      `${H}/?retrywrites=true`,
      `${H}/?useNewUrlParser=true`,
      [`${H}/?family=4`, NODE],
      [`${H}/?minPoolSize=1`, NODE],
      `${H}/?maxIdleTimeMS=60000`,
      `${H}/?maxPoolSize=5`,
    ],
  ],
  'option-removed': [
    [
      `${H}/?useUnifiedTopology=true`,
      `${H}/?poolSize=5`,
      `${H}/?KEEPALIVE=true`,
      [`${H}/?autoReconnect=true`, NODE],
      `${H}/?sslValidate=false`,
    ],
    [`${H}/?maxPoolSize=5`, `${H}/?foo=1`, `${H}/?ssl=true`],
  ],
  'option-deprecated': [
    [`${H}/?j=true`, `${H}/?wtimeout=100`, [`${H}/?timeoutMS=1000`, NODE], `${H}/?timeoutMS=1000`],
    [`${H}/?journal=true`, [`${H}/?timeoutMS=1000`, { ...ANY, driver: 'go' }], `${H}/?ssl=true`],
  ],
  'option-repeated': [
    [
      `${H}/?w=2&w=2`,
      `${H}/?w=2&W=3`,
      `${H}/?wtimeout=5&wTimeoutMS=10`,
      `${H}/?j=true&journal=true`,
      `${H}/?appName=a&tls=true&appName=b`,
    ],
    [
      `${H}/?tls=true&ssl=true`,
      `${H}/?readPreference=nearest&readPreferenceTags=a:b&readPreferenceTags=`,
      `${H}/?w=2&wTimeoutMS=9`,
    ],
  ],
  'option-empty': [
    [`${H}/?appName=`, `${H}/?w`, `${H}/?journal=&w=2`, `${H}/?authSource=`],
    [`${H}/?appName=a`, `${H}/?readPreference=nearest&readPreferenceTags=`, `${H}/?`, `${H}/?&w=2`],
  ],
  'boolean-invalid': [
    [
      `${H}/?retryWrites=True`,
      `${H}/?tls=1`,
      `${H}/?journal=yes`,
      `${H}/?retryReads=ture`,
      `${H}/?directConnection=FALSE`,
      `${H}/?retryWrites=true w=majority`,
    ],
    [`${H}/?retryWrites=true`, `${H}/?tls=false`, `${H}/?maxPoolSize=1`],
  ],
  'integer-invalid': [
    [
      `${H}/?maxPoolSize=abc`,
      `${H}/?maxIdleTimeMS=60_000`,
      `${H}/?connectTimeoutMS=5s`,
      `${H}/?maxPoolSize=1e3`,
      `${H}/?maxPoolSize=0x10`,
      `${H}/?maxPoolSize=10.5`,
    ],
    [`${H}/?maxPoolSize=10`, `${H}/?maxStalenessSeconds=-1&readPreference=nearest`, `${H}/?w=tag`],
  ],
  'value-invalid': [
    [
      `${H}/?readPreference=secondry`,
      `${H}/?compressors=gzip`,
      `${H}/?maxPoolSize=-1`,
      `${H}/?zlibCompressionLevel=10`,
      `${H}/?readPreferenceTags=x`,
      `${H}/?maxConnecting=0`,
      `${H}/?authMechanism=MAGIC`,
      `${H}/?authMechanism=MONGODB-X509`,
      `${H}/?readPreference=nearest&maxStalenessSeconds=30`,
      `${H}/?serverMonitoringMode=push`,
      `${H}/?w=-1`,
      'mongodb://h/?authMechanism=MONGODB-OIDC',
    ],
    [
      `${H}/?readPreference=secondary`,
      `${H}/?compressors=zstd,snappy,zlib`,
      `${H}/?zlibCompressionLevel=-1`,
      `${H}/?readConcernLevel=custom`,
      `${H}/?authMechanism=DEFAULT`,
      `${H}/?compressors=none`,
    ],
  ],
  'seconds-for-milliseconds': [
    [
      `${H}/?connectTimeoutMS=30`,
      `${H}/?maxIdleTimeMS=60`,
      `${H}/?serverSelectionTimeoutMS=5`,
      `${H}/?socketTimeoutMS=45`,
      `${H}/?socketTimeoutMS=360`,
      `${H}/?wTimeoutMS=5`,
      `${H}/?timeoutMS=30`,
      `${H}/?wtimeout=5`,
    ],
    [
      `${H}/?connectTimeoutMS=500`,
      `${H}/?maxIdleTimeMS=100`,
      `${H}/?connectTimeoutMS=30000`,
      `${H}/?localThresholdMS=15`,
      `${H}/?connectTimeoutMS=0`,
      `${H}/?wTimeoutMS=100`,
      `${H}/?waitQueueTimeoutMS=100`,
      `${H}/?waitQueueTimeoutMS=500`,
      `${H}/?serverSelectionTimeoutMS=500`,
      `${H}/?socketTimeoutMS=900`,
    ],
  ],
  'heartbeat-too-short': [
    [`${H}/?heartbeatFrequencyMS=100`, `${H}/?heartbeatFrequencyMS=499`, `${H}/?HEARTBEATFREQUENCYMS=0`],
    [`${H}/?heartbeatFrequencyMS=500`, `${H}/?heartbeatFrequencyMS=10000`, H],
  ],
  'conflict-tls': [
    [
      `${H}/?tls=true&ssl=false`,
      `${H}/?tlsInsecure=false&tlsAllowInvalidHostnames=false`,
      `${H}/?tlsInsecure=true&tlsDisableOCSPEndpointCheck=true`,
    ],
    [
      `${H}/?tls=true&ssl=true`,
      `${H}/?tlsInsecure=true`,
      `${H}/?tlsAllowInvalidHostnames=true&tlsAllowInvalidCertificates=true`,
    ],
  ],
  'conflict-direct-hosts': [
    ['mongodb://a,b/?directConnection=true', `${M}/?DirectConnection=true`, 'mongodb://a,b,c/?directConnection=true'],
    ['mongodb://a,b/?directConnection=false', 'mongodb://a/?directConnection=true', 'mongodb://a,b'],
  ],
  'conflict-direct-srv': [
    [`${S}/?directConnection=true`, `${S}/?DIRECTCONNECTION=true`, 'mongodb+srv://a.b/?directConnection=true'],
    [`${S}/?directConnection=false`, `${H}/?directConnection=true`, S],
  ],
  'conflict-srv-max-hosts': [
    [`${S}/?srvMaxHosts=2&replicaSet=r`, `${S}/?srvMaxHosts=1&loadBalanced=true`, `${S}/?replicaSet=r&srvmaxhosts=9`],
    [`${S}/?srvMaxHosts=2`, `${S}/?srvMaxHosts=0&replicaSet=r`, `${S}/?srvMaxHosts=2&loadBalanced=false`],
  ],
  'conflict-load-balanced': [
    [
      'mongodb://a,b/?loadBalanced=true',
      `${H}/?loadBalanced=true&replicaSet=r`,
      `${H}/?loadBalanced=true&directConnection=true`,
    ],
    [`${H}/?loadBalanced=true`, 'mongodb://a,b/?loadBalanced=false', `${H}/?loadBalanced=true&directConnection=false`],
  ],
  'conflict-srv-option-without-srv': [
    [`${H}/?srvServiceName=x`, `${H}/?srvMaxHosts=2`, 'mongodb://a,b/?srvservicename=x'],
    [`${S}/?srvServiceName=x`, `${S}/?srvMaxHosts=2`, H],
  ],
  'conflict-proxy': [
    [`${H}/?proxyPort=1080`, `${H}/?proxyHost=p&proxyUsername=u`, `${H}/?proxyUsername=u&proxyPassword=p`],
    [`${H}/?proxyHost=p`, `${H}/?proxyHost=p&proxyUsername=u&proxyPassword=p`, `${H}/?proxyHost=p&proxyPort=1080`],
  ],
  'conflict-read-preference': [
    [
      `${H}/?readPreference=primary&readPreferenceTags=a:b`,
      `${H}/?readPreferenceTags=a:b`,
      `${H}/?readPreference=primary&maxStalenessSeconds=120`,
    ],
    [
      `${H}/?readPreference=secondary&readPreferenceTags=a:b`,
      `${H}/?readPreference=primary`,
      `${H}/?readPreference=primary&maxStalenessSeconds=-1`,
    ],
  ],
  'auth-source-database': [
    [`${M}/shop?tls=true`, `${S}/?authSource=shop`, `${H}/shop`],
    [`${M}/shop?tls=true&authSource=admin`, `${S}/shop`, `${H}/`, 'mongodb://h1/shop', `${M}/?tls=true`],
  ],
  'auth-external-required': [
    [
      'mongodb://h/?authMechanism=MONGODB-X509&authSource=admin',
      'mongodb://h/?authMechanism=MONGODB-AWS&authSource=a',
      'mongodb://u@h/?authMechanism=GSSAPI&authSource=a',
    ],
    [
      'mongodb://h/?authMechanism=MONGODB-X509',
      'mongodb://h/?authMechanism=MONGODB-AWS&authSource=$external',
      `${H}/?authMechanism=SCRAM-SHA-256&authSource=a`,
    ],
  ],
  'auth-aws-userinfo': [
    [
      `${H}/?authMechanism=MONGODB-AWS`,
      'mongodb://u@h/?authMechanism=MONGODB-AWS',
      'mongodb://h/?authMechanism=MONGODB-AWS&authMechanismProperties=AWS_SESSION_TOKEN:x',
    ],
    ['mongodb://h/?authMechanism=MONGODB-AWS', H, 'mongodb://h/?authMechanism=MONGODB-AWS&authSource=%24external'],
  ],
  'auth-x509-no-tls': [
    [
      'mongodb://h/?authMechanism=MONGODB-X509',
      'mongodb://h/?authMechanism=MONGODB-X509&tls=false',
      'mongodb://cn@h/?authMechanism=MONGODB-X509',
    ],
    [
      'mongodb://h/?authMechanism=MONGODB-X509&tls=true',
      'mongodb+srv://a.b/?authMechanism=MONGODB-X509',
      'mongodb://h/?authMechanism=MONGODB-X509&ssl=true',
    ],
  ],
  'auth-plain-no-tls': [
    [`${H}/?authMechanism=PLAIN`, `${H}/?authMechanism=PLAIN&tls=false`, `${H}/?authMECHANISM=PLAIN`],
    [`${H}/?authMechanism=PLAIN&tls=true`, `${S}/?authMechanism=PLAIN`, `${H}/?authMechanism=SCRAM-SHA-1`],
  ],
  'auth-mechanism-removed': [
    [`${H}/?authMechanism=MONGODB-CR`, `${H}/?authMechanism=mongodb-cr`, `${S}/?authMechanism=MONGODB-CR`],
    [`${H}/?authMechanism=SCRAM-SHA-1`, H, `${H}/?authMechanism=DEFAULT`],
  ],
  'atlas-account-as-user': [
    [
      'mongodb+srv://anna%40example.com:p@c0.ab1cd.mongodb.net',
      'mongodb+srv://a.b%40c.de:p@c0.ab1cd.mongodb.net',
      'mongodb+srv://anna%40example.com@c0.ab1cd.mongodb.net',
    ],
    ['mongodb://anna%40example.com:p@h', S, 'mongodb+srv://anna%40home:p@c0.ab1cd.mongodb.net'],
  ],
  'tls-off': [
    [`${S}/?tls=false`, `${S}/?ssl=false`, `${M}/?tls=false&replicaSet=r`],
    [`${S}/?tls=true`, `${H}/?tls=false`, S],
  ],
  'tls-missing': [
    [`${M}/?replicaSet=r`, 'mongodb://u:p@c0-shard-00-00.ab1cd.mongodb.net/', `${H}/?tlsCAFile=ca.pem`],
    [`${M}/?replicaSet=r&tls=true`, `${M}/?ssl=true`, S, H],
  ],
  'tls-insecure': [
    [
      `${H}/?tlsInsecure=true`,
      `${H}/?tls=true&tlsAllowInvalidCertificates=true`,
      `${S}/?tlsAllowInvalidHostnames=true`,
      [`${H}/?sslInvalidHostNameAllowed=true`, { ...ANY, driver: 'java' }],
    ],
    [
      [`${H}/?sslInvalidHostNameAllowed=true`, NODE],
      `${H}/?tlsInsecure=false`,
      `${H}/?tls=true`,
      `${H}/?tlsAllowInvalidCertificates=false`,
    ],
  ],
  'pool-unlimited': [
    [`${H}/?maxPoolSize=0`, [`${H}/?maxPoolSize=0`, { ...ANY, driver: 'rust' }], [`${H}/?MAXPOOLSIZE=0`, NODE]],
    [`${H}/?maxPoolSize=1`, H, [`${H}/?maxPoolSize=0`, { ...ANY, driver: 'php' }]],
  ],
  'pool-min-above-max': [
    [
      `${H}/?minPoolSize=20&maxPoolSize=10`,
      `${H}/?minPoolSize=101`,
      [`${H}/?minPoolSize=11`, { ...ANY, driver: 'rust' }],
    ],
    [
      ...[`${H}/?minPoolSize=10&maxPoolSize=10`, `${H}/?minPoolSize=100`, `${H}/?minPoolSize=500&maxPoolSize=0`],
      [`${H}/?minPoolSize=20&maxPoolSize=10`, { ...ANY, driver: 'c' }],
      [`${H}/?minPoolSize=20&maxPoolSize=10`, { ...ANY, driver: 'php' }],
    ],
  ],
  'pool-over-limit': [
    [
      [H, fleet(15)],
      [`${H}/?maxPoolSize=50`, fleet(40)],
      [`${H}/?maxPoolSize=0`, fleet(1)],
    ],
    [
      [H, { ...fleet(1_490), driver: 'php' }],
      [H, fleet(14)],
      [`${H}/?maxPoolSize=20`, fleet(40)],
      [`${H}/?maxPoolSize=5000`, ANY],
      [`${H}/?maxPoolSize=200`, { ...fleet(10), driver: 'php' }],
    ],
  ],
  'pool-no-idle-limit': [
    [H, `${H}/?maxIdleTimeMS=0`, [S, FAAS]],
    [`${H}/?maxIdleTimeMS=60000`, [H, { ...ANY, driver: 'csharp' }], [H, { ...ANY, driver: 'php' }]],
  ],
  'pool-idle-too-short': [
    [
      `${H}/?maxIdleTimeMS=5000`,
      `${H}/?maxIdleTimeMS=1000`,
      `${H}/?maxIdleTimeMS=9999`,
      `${H}/?maxIdleTimeMS=100`,
      `${H}/?maxIdleTimeMS=500`,
    ],
    [`${H}/?maxIdleTimeMS=60000`, `${H}/?maxIdleTimeMS=0`, `${H}/?maxIdleTimeMS=60`],
  ],
  'pool-idle-ignored': [
    [
      [`${H}/?maxIdleTimeMS=60000`, { ...ANY, driver: 'c' }],
      [`${H}/?maxIdleTimeMS=60000`, { ...ANY, driver: 'php' }],
      [`${H}/?maxidletimems=60000`, { ...ANY, driver: 'cpp' }],
      [`${H}/?maxIdleTimeMS=60000`, NODE],
      `${H}/?maxIdleTimeMS=60000&minPoolSize=1`,
    ],
    [
      `${H}/?maxIdleTimeMS=0`,
      [`${H}/?maxIdleTimeMS=60000&minPoolSize=1`, NODE],
      [`${H}/?maxIdleTimeMS=60000`, { ...ANY, driver: 'python' }],
      [H, { ...ANY, driver: 'c' }],
    ],
  ],
  'pool-max-connecting': [
    [`${H}/?maxConnecting=10`, `${H}/?maxConnecting=100`, `${H}/?maxConnecting=5`],
    [`${H}/?maxConnecting=2`, `${H}/?maxConnecting=1`, H],
  ],
  'faas-min-pool': [
    [
      [`${H}/?minPoolSize=1`, FAAS],
      [`${H}/?minPoolSize=5`, FAAS],
      [`${S}/?MINPOOLSIZE=2`, FAAS],
    ],
    [[`${H}/?minPoolSize=0`, FAAS], [H, FAAS], `${H}/?minPoolSize=5`],
  ],
  'faas-max-pool': [
    [
      [H, FAAS],
      [`${H}/?maxPoolSize=50`, FAAS],
      [`${H}/?maxPoolSize=0`, FAAS],
    ],
    [[`${H}/?maxPoolSize=5`, FAAS], [`${H}/?maxPoolSize=1`, FAAS], `${H}/?maxPoolSize=50`],
  ],
  'monitoring-poll': [
    [`${H}/?serverMonitoringMode=poll`, [`${H}/?serverMonitoringMode=stream`, FAAS], `${S}/?servermonitoringmode=poll`],
    [`${H}/?serverMonitoringMode=auto`, `${H}/?serverMonitoringMode=stream`, [`${H}/?serverMonitoringMode=poll`, FAAS]],
  ],
  'retry-writes-off': [
    [`${H}/?retryWrites=false`, `${S}/?retrywrites=false`, `${H}/?w=2&retryWrites=false`],
    [
      `${H}/?retryWrites=true`,
      H,
      'mongodb://u:p@x.docdb.amazonaws.com/?retryWrites=false',
      'mongodb://u:p@x.mongo.cosmos.azure.com:10255/?retrywrites=false',
    ],
  ],
  'write-concern-weak': [
    [`${H}/?w=0`, `${H}/?w=1`, `${S}/?W=1`],
    [`${H}/?w=majority`, `${H}/?w=2`, H],
  ],
  'write-concern-unknown': [
    [`${S}/?w=majorty`, `${S}/?w=majority/`, `${H}/?w=Majority`, `${S}/?w=all`],
    [`${S}/?w=majority`, `${H}/?w=3`, H, `(see ${S}/?w=majority)`, `<uri>${S}/?w=majority</uri>`],
  ],
  'tag-value-case': [
    [
      `${S}/?readPreference=nearest&readPreferenceTags=nodeType:analytics`,
      `${S}/?readPreference=nearest&readPreferenceTags=nodetype:ANALYTICS`,
      `${S}/?readPreference=nearest&readPreferenceTags=workloadType:Operational`,
    ],
    [
      `${S}/?readPreference=nearest&readPreferenceTags=nodeType:ANALYTICS`,
      `${S}/?readPreference=nearest&readPreferenceTags=dc:ny`,
      `${S}/?readPreference=nearest&readPreferenceTags=`,
    ],
  ],
  'tags-no-fallback': [
    [
      `${S}/?readPreference=secondary&readPreferenceTags=a:b`,
      `${S}/?readPreference=nearest&readPreferenceTags=a:b,c:d`,
      `${S}/?readPreference=nearest&readPreferenceTags=a:b&readPreferenceTags=c:d`,
    ],
    [
      `${S}/?readPreference=secondary&readPreferenceTags=a:b&readPreferenceTags=`,
      `${S}/?readPreference=secondaryPreferred&readPreferenceTags=a:b`,
      S,
    ],
  ],
  'app-name-missing': [
    [H, S, `${H}/?w=2`],
    [`${H}/?appName=web`, `${H}/?APPNAME=web`, `${H}/?appName=Cluster0`],
  ],
  'app-name-default': [
    [`${S}/?appName=Cluster0`, `${S}/?appName=cluster12`, `${S}/?appName=c0`, `${H}/?appName=MongoDB+Compass`],
    [`${S}/?appName=web`, `${H}/?appName=c0`, `${H}/?appName=clustering`],
  ],
  'app-name-too-long': [
    [`${H}/?appName=${'a'.repeat(129)}`, `${H}/?appName=${'%C3%A4'.repeat(65)}`, `${H}/?appName=${'a'.repeat(500)}`],
    [`${H}/?appName=${'a'.repeat(128)}`, `${H}/?appName=${'%C3%A4'.repeat(64)}`, H],
  ],
};

const idsOf = (one: Strings[number]) => {
  const [text, context] = typeof one === 'string' ? [one, ANY] : one;
  return lintConnectionString(text, context).findings.map(({ id }) => id);
};

test.each(Object.entries(EXPECTED))('%s', (id, [having, without]) => {
  expect(having.filter((one) => !idsOf(one).includes(id))).toEqual([]);
  expect(without.filter((one) => idsOf(one).includes(id))).toEqual([]);
});

test('every rule has its examples', () => {
  expect([...new Set(CATALOGUE.map(({ id }) => id))].sort()).toEqual(Object.keys(EXPECTED).sort());
});

test('an option that no driver knows is an error for Node.js, and a warning that says so for any driver', () => {
  const found = (context: LintContext) => lintConnectionString(`${H}/?foo=bar&useNewUrlParser=true`, context).findings;
  const strict = found(NODE).filter(({ id }) => /^option-/.test(id));
  expect(strict.map(({ severity }) => severity)).toEqual(['error', 'error']);
  const any = found(ANY).filter(({ id }) => /^option-/.test(id));
  expect(any.map(({ severity, text }) => [severity, text.includes('Node.js')])).toEqual([
    ['warning', true],
    ['warning', true],
  ]);
});

const said = (id: string, options: string, context: LintContext = ANY) => {
  const found = lintConnectionString(`${H}/?${options}`, context).findings.filter((finding) => finding.id === id);
  return found.map(({ severity, text }) => `${severity}: ${text}`).join('\n');
};

test('without a driver, what differs between drivers is said', () => {
  for (const name of ['uuidRepresentation=standard', 'tz_aware=true'])
    expect(said('option-unknown', name)).toMatch(/^warning: Only .*PyMongo.* Node\.js refuses the string; /);
  expect(said('option-unknown', 'minPoolSize=2')).toBe(
    'info: C, C++ and PHP do not know the option minPoolSize. Drivers without it ignore it.',
  );
  expect(said('option-unknown', 'family=4')).toBe(
    'info: Only Node.js knows the option family. Drivers without it ignore it.',
  );
  expect(said('option-deprecated', 'socketTimeoutMS=5000')).toBe(
    'info: The option socketTimeoutMS has no effect in Go.',
  );
  expect(said('pool-unlimited', 'maxPoolSize=0')).toMatch(/Rust refuses it, and C and C\+\+ read it as 1\.$/);
  expect(said('pool-unlimited', 'maxPoolSize=0', NODE)).not.toContain('Rust');
  expect(said('pool-idle-ignored', 'maxIdleTimeMS=60000')).toMatch(
    /^info: C, C\+\+ and PHP .* Node\.js below 6\.18\.0 /,
  );
  expect(said('pool-idle-ignored', 'maxIdleTimeMS=60000&minPoolSize=1')).not.toContain('Node.js');
  const { repaired } = lintConnectionString(`${H}/?tz_aware=true&maxIdleTimeMS=60000&appName=a`, ANY);
  expect(repaired).toContain('tz_aware=true&maxIdleTimeMS=60000&appName=a');
});

test('a driver is named only in what is said to all', () => {
  for (const driver of ['node', 'python', 'rust', 'c'] as const) {
    const words = said('pool-min-above-max', 'minPoolSize=20&maxPoolSize=10', { ...ANY, driver });
    expect(words).not.toMatch(/Node\.js|PyMongo/);
  }
  expect(said('pool-min-above-max', 'minPoolSize=20&maxPoolSize=10')).toMatch(/Node\.js .*, PyMongo /);
});

test('a limit of zero is not a missing one', () => {
  expect(said('pool-no-idle-limit', 'maxIdleTimeMS=0')).toContain('maxIdleTimeMS=0 is no limit');
  expect(said('pool-no-idle-limit', 'w=2')).toContain('maxIdleTimeMS is not set');
});

test('what looks like seconds stays in the corrected string', () => {
  const { repaired } = lintConnectionString(`${H}/?connectTimeoutMS=30&appName=a`, NODE);
  expect(repaired).toContain('connectTimeoutMS=30&');
});

test('where nothing is free, nothing fits', () => {
  const full = { ...ANY, fleet: { instances: 2, limit: 100, reserved: 200 } };
  expect(said('pool-over-limit', 'maxPoolSize=5', full)).toMatch(/ on one node, and 0 fit there\.$/);
});

test.each([
  (uri: string) => `\`\`\`${uri}\`\`\``,
  (uri: string) => `\`\`\`\n${uri}\n\`\`\``,
  (uri: string) => `try \`\`\` ${uri} \`\`\` please`,
  (uri: string) => `\`\`\`URI=${uri}\`\`\``,
  (uri: string) => `\`mongosh ${uri}\`. It fails`,
  (uri: string) => `\`\`\`{"uri": "${uri}"}\`\`\``,
  (uri: string) => `\`\`\`"${uri}"\`\`\``,
])('in the code of a message, a string is the same: %o', (pasted) => {
  for (const uri of [S, `${S}/`, `${S}/shop`, `${S}/?retryWrites=true&w=majority`, `${M}/?replicaSet=r&tls=true`]) {
    const [alone, report] = [uri, pasted(uri)].map((text) => lintConnectionString(text, ANY));
    expect(report?.repaired).toBe(alone?.repaired);
    const found = report?.findings.filter(({ id }) => id !== 'surrounding-text');
    expect(found).toEqual(alone?.findings.filter(({ id }) => id !== 'surrounding-text'));
  }
});

test('a corrected string has no error any more', () => {
  const wrong: string[] = [];
  for (const [id, [having]] of Object.entries(EXPECTED))
    for (const one of having) {
      const [text, context] = typeof one === 'string' ? [one, ANY] : one;
      const { repaired } = lintConnectionString(text, context);
      const filled = repaired
        ?.replace('<user>', 'u')
        .replace('<password>', 'p')
        .replace('<database>', 'shop')
        .replace('<replica set>', 'r');
      if (filled === undefined || /<\w+>@|xxxxx|MONGODB-OIDC/.test(filled)) continue;
      const left = lintConnectionString(filled.replaceAll(/<[\w ]+>/g, 'web'), context).findings.filter(
        ({ severity }) => severity === 'error',
      );
      if (left.length > 0) wrong.push(`${id}: ${text} → ${repaired}: ${left.map((finding) => finding.id).join()}`);
    }
  expect(wrong).toEqual([]);
});

test('an @ in the name of a replica set is no user', () => {
  const report = lintConnectionString('mongodb://u:p@h.example.com/shop?replicaSet=my@set&authSource=admin', ANY);
  expect(report).toMatchObject({ valid: true, hosts: ['h.example.com'], database: 'shop', authSource: 'admin' });
  expect(report.options).toMatchObject({ replicaSet: 'my@set' });
  // What looks like the host may be one.
  const doubtful = lintConnectionString('mongodb://u:p@pa.ss/wo?replicaSet=rd@h.example.com', ANY);
  expect(doubtful).toMatchObject({ valid: false, hosts: [], database: null });
});

test('the specification accepts temporary keys of AWS as a whole, and Node.js none in a string', () => {
  const token = 'authMechanism=MONGODB-AWS&authMechanismProperties=AWS_SESSION_TOKEN:x';
  const said = (text: string, context: LintContext) => {
    const { valid, findings } = lintConnectionString(text, context);
    return [valid, findings.find(({ id }) => id === 'auth-aws-userinfo')?.severity];
  };
  expect(said(`${H}/?${token}`, ANY)).toEqual([true, 'warning']);
  expect(said(`${H}/?${token}`, NODE)).toEqual([true, 'error']);
  expect(said(`mongodb://h/?${token}`, ANY)).toEqual([false, 'error']);
  expect(said(`mongodb://u@h/?${token}`, ANY)).toEqual([false, 'error']);
});

test('a correction does not bring back an option that another one left out', () => {
  const { repaired } = lintConnectionString(`${H}/?maxLifeTimeMS=5&wtimeout=5&appName=web`, NODE);
  expect(repaired).toBe('mongodb://<user>:<password>@h1/?appName=web&wTimeoutMS=5');
});

test('clients of PHP have one connection to each node, and no option makes it less', () => {
  const { findings, repaired } = lintConnectionString(`${H}/?appName=web`, { ...fleet(1_491), driver: 'php' });
  expect(findings.map(({ id, severity, text }) => [id, severity, text])).toEqual([
    [
      'pool-over-limit',
      'error',
      'Full pools are 1,491 × (1 + 0 heartbeats) = 1,491 connections on one node, and 1,490 fit there.',
    ],
  ]);
  expect(repaired).toBe('mongodb://<user>:<password>@h1/?appName=web');
});
