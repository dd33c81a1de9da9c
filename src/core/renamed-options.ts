// Options of connection strings by the names that other drivers, tools and older versions have for them.

/** Names that other drivers and older versions gave to what reading needs, and the name that MongoDB knows. */
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

export function presentNameOf(name: string): string | null {
  return PRESENT.get(name.toLowerCase()) ?? null;
}
