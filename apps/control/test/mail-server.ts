import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  /** Of the envelope. */
  to: string[];
  /** As it came, with its headers. */
  text: string;
}

export interface MailServer {
  readonly port: number;
  readonly url: string;
  /** In the order of their arrival. */
  readonly mails: readonly ReceivedMail[];
  /** From now on: takes mails, or refuses them for now. */
  refuse(isRefusing: boolean): void;
  close(): Promise<void>;
}

/** A real SMTP server on 127.0.0.1 that keeps what it gets. */
export async function startMailServer(): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  let isRefusing = false;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (isRefusing) {
          done(Object.assign(new Error('try again later'), { responseCode: 451 }));
          return;
        }
        const to = session.envelope.rcptTo.map(({ address }) => address);
        // Soft line breaks of quoted-printable are of no interest.
        const text = Buffer.concat(chunks).toString().replaceAll('=\r\n', '').replaceAll('=20', ' ');
        mails.push({ to, text });
        done();
      });
    },
  });
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  return {
    port,
    url: `smtp://127.0.0.1:${String(port)}`,
    mails,
    refuse: (refusing) => {
      isRefusing = refusing;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  };
}
