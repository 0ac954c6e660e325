import { createPrivateKey } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkoutDirectory, startEmbeddedStack, type BrokerSecurity } from '#embedded';
import { certificatePem } from '../../harness/certificates.js';
import { certificate, type CertificateName } from '../../harness/server-certificates.js';
import { freePorts } from '../../harness/free-port.js';

/** Users by name, with their passwords. */
export type Users = Readonly<Record<string, string>>;

export interface Ask {
  plain: Users;
  scram: Users;
  /** Where the keys of tokens are; without it there is no OAUTHBEARER. */
  tokenKeysUrl?: string;
  /** Principals who may do everything; all others what they are given. */
  superUsers: readonly string[];
}

export interface SecuredKafka {
  /** Without TLS and user, for the test itself, who may do everything. */
  plaintext: string;
  /** TLS, and a user by PLAIN, SCRAM-SHA-512 or OAUTHBEARER. */
  sasl: string;
  /** The same with a certificate of another host. */
  wrongHost: string;
  /** TLS, and a certificate of the client. */
  mutual: string;
  stop(): Promise<void>;
}

/** A Kafka of the test's own that knows its clients and what each of them may do. */
export async function startSecuredKafka(ask: Ask): Promise<SecuredKafka> {
  const [sasl = 0, wrongHost = 0, mutual = 0] = await freePorts(3);
  const directory = join(checkoutDirectory(), 'run', `test-private-secured-${process.pid}`);
  const stack = await startEmbeddedStack({
    directory,
    only: ['kafka'],
    throwaway: true,
    kafkaSecurity: {
      listeners: [
        { name: 'SASL', protocol: 'SASL_SSL', port: sasl },
        { name: 'WRONGHOST', protocol: 'SASL_SSL', port: wrongHost },
        { name: 'MUTUAL', protocol: 'SSL', port: mutual },
      ],
      ...brokerSettings(ask),
    },
  });
  return {
    plaintext: stack.brokers[0] ?? '',
    sasl: `127.0.0.1:${sasl}`,
    wrongHost: `127.0.0.1:${wrongHost}`,
    mutual: `127.0.0.1:${mutual}`,
    stop: async () => {
      await stack.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function brokerSettings(ask: Ask): Omit<BrokerSecurity, 'listeners'> {
  return {
    properties: {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': ['User:ANONYMOUS', ...ask.superUsers].join(';'),
      'sasl.enabled.mechanisms': `PLAIN,SCRAM-SHA-512${ask.tokenKeysUrl === undefined ? '' : ',OAUTHBEARER'}`,
      ...saslOf('sasl', ask),
      ...saslOf('wronghost', ask),
      ...tlsOf('sasl', 'good'),
      ...tlsOf('wronghost', 'wrong-host'),
      ...tlsOf('mutual', 'good'),
      'listener.name.mutual.ssl.client.auth': 'required',
      'listener.name.mutual.ssl.truststore.type': 'PEM',
      'listener.name.mutual.ssl.truststore.certificates': certificatePem('authority'),
    },
    formatArguments: Object.entries(ask.scram).flatMap(([name, password]) => [
      '--add-scram',
      `SCRAM-SHA-512=[name=${name},password=${password}]`,
    ]),
    javaArguments:
      ask.tokenKeysUrl === undefined
        ? []
        : [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${ask.tokenKeysUrl}`],
  };
}

function saslOf(listener: string, { plain, tokenKeysUrl }: Ask): Record<string, string> {
  const security = 'org.apache.kafka.common.security';
  const users = Object.entries(plain).map(([name, password]) => ` user_${name}="${password}"`);
  const at = `listener.name.${listener}`;
  return {
    [`${at}.plain.sasl.jaas.config`]: `${security}.plain.PlainLoginModule required${users.join('')};`,
    [`${at}.scram-sha-512.sasl.jaas.config`]: `${security}.scram.ScramLoginModule required;`,
    ...(tokenKeysUrl === undefined
      ? {}
      : tokensOf(`${at}.oauthbearer`, `${security}.oauthbearer`, tokenKeysUrl)),
  };
}

function tokensOf(at: string, classes: string, keysUrl: string): Record<string, string> {
  return {
    [`${at}.sasl.jaas.config`]: `${classes}.OAuthBearerLoginModule required;`,
    [`${at}.sasl.server.callback.handler.class`]: `${classes}.OAuthBearerValidatorCallbackHandler`,
    [`${at}.sasl.oauthbearer.jwks.endpoint.url`]: keysUrl,
    [`${at}.sasl.oauthbearer.expected.audience`]: 'kafka',
  };
}

function tlsOf(listener: string, name: CertificateName): Record<string, string> {
  const { key, cert } = certificate(name);
  const at = `listener.name.${listener}.ssl.keystore`;
  return {
    [`${at}.type`]: 'PEM',
    [`${at}.certificate.chain`]: cert as string,
    [`${at}.key`]: createPrivateKey(key as string)
      .export({ type: 'pkcs8', format: 'pem' })
      .toString(),
  };
}
