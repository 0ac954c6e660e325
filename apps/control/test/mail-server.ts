import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { certificate, type CertificateName } from '../../../test/harness/server-certificates.js';

export interface ReceivedMail {
  /** Of the envelope. */
  to: string[];
  /** As it came, with its headers. */
  text: string;
  /** Whether it came over TLS. */
  secure: boolean;
  /** Who has sent it, where that had to be said. */
  user: string | undefined;
}

export interface MailServerOptions {
  /** Without one it speaks no TLS. */
  certificate?: CertificateName;
  /** TLS from the first byte on, instead of STARTTLS. */
  implicitTls?: boolean;
  /** Who may send mails; without it everybody. */
  login?: { user: string; password: string };
  host?: string;
}

export interface MailServer {
  readonly port: number;
  /** Without user and password. */
  readonly url: string;
  /** In the order of their arrival, also those that were not answered. */
  readonly mails: readonly ReceivedMail[];
  /** What clients have tried to sign in with. */
  readonly passwords: readonly string[];
  /** From now on: takes mails, or refuses them for now. */
  refuse(isRefusing: boolean): void;
  /** From now on: waits for this before it answers that it has a mail. */
  answerAfter(wait: (mail: ReceivedMail) => Promise<void>): void;
  /** From now on. */
  useCertificate(name: CertificateName): void;
  close(): Promise<void>;
}

/** A real SMTP server on 127.0.0.1 that keeps what it gets. */
export async function startMailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const { login, host = '127.0.0.1', implicitTls = false } = options;
  const mails: ReceivedMail[] = [];
  const passwords: string[] = [];
  let isRefusing = false;
  let wait: (mail: ReceivedMail) => Promise<void> = () => Promise.resolve();
  const server = new SMTPServer({
    authOptional: login === undefined,
    allowInsecureAuth: true,
    disabledCommands: [
      ...(options.certificate === undefined ? ['STARTTLS'] : []),
      ...(login === undefined ? ['AUTH'] : []),
    ],
    secure: implicitTls,
    logger: false,
    ...(options.certificate === undefined ? {} : certificate(options.certificate)),
    onAuth: ({ username, password }, _session, done) => {
      passwords.push(password ?? '');
      const isRight = username === login?.user && password === login?.password;
      done(isRight ? null : new Error('no'), isRight ? { user: username } : undefined);
    },
    onData: (stream, session, done) => {
      void received(stream, session).then(async (mail) => {
        if (isRefusing) {
          done(Object.assign(new Error('try again later'), { responseCode: 451 }));
          return;
        }
        mails.push(mail);
        await wait(mail);
        done();
      });
    },
  });
  // A client that does not trust the certificate breaks off.
  server.on('error', () => undefined);
  const listening = server.listen(0, host);
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  return {
    port,
    url: `${implicitTls ? 'smtps' : 'smtp'}://${host}:${String(port)}`,
    mails,
    passwords,
    refuse: (refusing) => {
      isRefusing = refusing;
    },
    answerAfter: (next) => {
      wait = next;
    },
    useCertificate: (name) => {
      server.updateSecureContext(certificate(name));
    },
    close: () => closed(server),
  };
}

async function received(
  stream: SMTPServerDataStream,
  { envelope, secure, user }: SMTPServerSession,
): Promise<ReceivedMail> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return {
    to: envelope.rcptTo.map(({ address }) => address),
    // Soft line breaks of quoted-printable are of no interest.
    text: Buffer.concat(chunks).toString().replaceAll('=\r\n', '').replaceAll('=20', ' '),
    secure,
    user: typeof user === 'string' ? user : undefined,
  };
}

function closed(server: SMTPServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.connections.forEach((connection) => {
      connection.close();
    });
  });
}
