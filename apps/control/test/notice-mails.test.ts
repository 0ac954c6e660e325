import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type StartedApp } from '../../../test/harness/apps.js';
import { eventually } from '../../../test/harness/eventually.js';
import { authorityFile, type CertificateName } from '../../../test/harness/server-certificates.js';
import { MailTransport } from '../src/notices/mail-transport.js';
import { controlUnderTest } from './control-under-test.js';
import { startMailServer, type MailServer, type MailServerOptions } from './mail-server.js';
import { disabled, EventWriter } from './operational-events.js';

const control = controlUnderTest();
const login = { user: 'relay@example.com', password: 'mail-pass-5d1e9c' };
const closing: (() => Promise<unknown>)[] = [];
let events: EventWriter;

beforeAll(async () => {
  events = await EventWriter.open(control.kafka);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function mailServer(options: MailServerOptions): Promise<MailServer> {
  const server = await startMailServer(options);
  closing.push(() => server.close());
  return server;
}

function urlWith({ user, password }: typeof login, { url }: MailServer): string {
  return url.replace('://', `://${encodeURIComponent(user)}:${encodeURIComponent(password)}@`);
}

/** Sends one notice; gives what went wrong. */
async function faultOf(smtpUrl: string): Promise<Error | undefined> {
  const transport = new MailTransport({ smtpUrl, from: 'relay@example.com' }, 0);
  const event = {
    id: 'e',
    type: 'capture.gap',
    at: new Date(),
    database: 'acme',
    subscriptionId: null,
    data: {},
  };
  try {
    await transport.send('ops@shop.example', [{ number: '1', queuedAtMs: 0, applicationName: null, event }]);
    return undefined;
  } catch (error) {
    return error as Error;
  } finally {
    transport.close();
  }
}

const mustAct = expect.objectContaining({ code: 'CONFIG_INVALID' }) as unknown;

describe('what is wrong with the settings of mail says what to do', () => {
  const wrong: [CertificateName, boolean][] = (
    ['expired', 'wrong-host', 'self-signed', 'good'] as const
  ).flatMap((name) => [
    [name, true],
    [name, false],
  ]);

  // The last one is of an authority that this process does not know.
  it.each(wrong)('a certificate that is not right: %s, implicit TLS: %s', async (name, implicitTls) => {
    const server = await mailServer({ certificate: name, implicitTls, login });
    const fault = await faultOf(urlWith(login, server));
    expect(fault).toEqual(mustAct);
    expect(fault?.message).toMatch(/certificate .* cannot be trusted \([A-Z_]+\): have it renewed/);
    expect([server.mails, server.passwords]).toEqual([[], []]);
  });

  it('a user or password that is not right', async () => {
    const server = await mailServer({ login });
    const wrongPassword = 'wrong-pass-0b7a';
    const fault = await faultOf(urlWith({ ...login, password: wrongPassword }, server));
    expect(fault).toEqual(mustAct);
    expect(fault?.message).toContain(
      'does not take the user name and password in SMTP_URL (it has answered 535)',
    );
    expect(fault?.message).not.toContain(wrongPassword);
    expect(server.passwords).toEqual([wrongPassword]);
    expect(await faultOf(urlWith(login, server))).toBeUndefined();
  });

  it('a server on another machine that offers no TLS: it gets no password', async () => {
    // To the transport it is another machine: its name is none of this one.
    const server = await mailServer({ login, host: '127.0.0.2' });
    const fault = await faultOf(urlWith(login, server));
    expect(fault).toEqual(mustAct);
    expect(fault?.message).toContain('no TLS with the mail server');
    expect([server.mails, server.passwords]).toEqual([[], []]);
  });

  it('smtps:// to a port where TLS does not begin at once', async () => {
    const server = await mailServer({ certificate: 'good', login });
    const fault = await faultOf(urlWith(login, server).replace('smtp:', 'smtps:'));
    expect(fault).toEqual(mustAct);
    expect(fault?.message).toContain('smtp:// where the server offers STARTTLS');
  });

  it('but not what may mend itself', async () => {
    const server = await startMailServer();
    await server.close();
    const fault = await faultOf(server.url);
    expect(fault?.message).toContain('ECONNREFUSED');
    expect(fault).not.toEqual(mustAct);
  });
});

describe('notices over TLS with a password', () => {
  const environment = async (smtpUrl: string): Promise<Record<string, string>> => ({
    ...(await control.environment()),
    NODE_EXTRA_CA_CERTS: authorityFile,
    SMTP_URL: smtpUrl,
    MAIL_FROM: 'relay@example.com',
    NOTICE_EMAILS: 'admin@example.com',
  });
  const start = async (env: Record<string, string>): Promise<StartedApp> => {
    const app = await startApp('control', env, { timeoutMs: 60_000 });
    closing.push(() => app.kill());
    return app;
  };
  const untilTold = async (app: StartedApp, of: string): Promise<void> => {
    const isTold = (): boolean =>
      app
        .logLines()
        .some(
          ({ level, msg, error }) =>
            level === 50 && String(msg).includes('a notice') && String(error).includes(of),
        );
    await eventually(isTold, { timeoutMs: 60_000, describe: () => app.output() });
  };
  const expectMail = async ({ mails }: MailServer): Promise<void> => {
    await eventually(() => mails.length > 0, { timeoutMs: 60_000 });
    expect(mails).toEqual([
      expect.objectContaining({ secure: true, user: login.user, to: ['admin@example.com'] }),
    ]);
    expect(mails[0]?.text).toContain('subscription.disabled');
  };

  it('come over both kinds of TLS, and none is lost where the certificate or the password was wrong at first', async () => {
    const implicit = await mailServer({ certificate: 'expired', implicitTls: true, login });
    const starttls = await mailServer({ certificate: 'good', login });
    const wrong = { ...login, password: 'wrong-pass-7fe2' };
    const later = await environment(urlWith(wrong, starttls));
    const [withImplicit, withStarttls] = await Promise.all([
      environment(urlWith(login, implicit)).then(start),
      start(later),
    ]);
    await events.write(disabled('sub_00000000000000000000000001'));
    await untilTold(withImplicit, 'CERT_HAS_EXPIRED');
    implicit.useCertificate('good');
    await untilTold(withStarttls, '535');
    await withStarttls.stop();
    const mended = await start({ ...later, SMTP_URL: urlWith(login, starttls) });
    await expectMail(starttls);
    await expectMail(implicit);
    const printed = [withImplicit, withStarttls, mended].map((app) => app.output()).join('');
    expect(printed).not.toMatch(new RegExp(`${login.password}|${wrong.password}`));
  }, 120_000);
});
