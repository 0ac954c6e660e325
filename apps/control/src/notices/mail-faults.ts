import { RelayError } from '#libs/process';

/** As Node and OpenSSL name what is wrong with a certificate. */
const certificateCode = /CERT|ISSUER|UNABLE_TO|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME/;
const tlsCode = /SSL|TLS|EPROTO/;

/**
 * What a person has to do where no later try mends it; undefined of all else. It repeats nothing that the server has
 * said: that may hold what it was told.
 */
export function mailSettingsFault(error: unknown): RelayError | undefined {
  const { code, originalCode, responseCode } = Object(error) as Readonly<Record<string, unknown>>;
  const reason = [originalCode, code].find((each): each is string => typeof each === 'string');
  const fault = (sentence: string): RelayError =>
    new RelayError('CONFIG_INVALID', sentence, { cause: error });
  if (code === 'EAUTH') {
    return fault(
      `the mail server does not take the user name and password in SMTP_URL (it has answered ${typeof responseCode === 'number' ? String(responseCode) : 'nothing'}): ` +
        'set the right ones, special characters percent-encoded, and start control again',
    );
  }
  if (reason !== undefined && certificateCode.test(reason)) {
    return fault(
      `the certificate of the mail server in SMTP_URL cannot be trusted (${reason}): have it renewed, or name the server in ` +
        'SMTP_URL as its certificate does; one of an authority of your own is trusted by NODE_EXTRA_CA_CERTS',
    );
  }
  if (reason !== undefined && tlsCode.test(reason)) {
    return fault(
      `no TLS with the mail server in SMTP_URL (${reason}): smtps:// is right where TLS begins at once (mostly port 465), ` +
        'smtp:// where the server offers STARTTLS (mostly port 587); without TLS no password is sent',
    );
  }
  return undefined;
}
