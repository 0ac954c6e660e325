import { describe, expect, it } from '@jest/globals';
import { AllowList } from './allow-list.js';
import { checkUrl } from './check-url.js';

const nobody = AllowList.parse([]);
const verdict = (url: string, allowed: readonly string[] = []): string => {
  const check = checkUrl(url, AllowList.parse(allowed));
  return check.kind === 'allowed' ? 'allowed' : check.reason;
};

describe('a receiver on the internet is allowed', () => {
  it.each([
    'https://shop.example.com/hooks',
    'http://shop.example.com',
    'https://shop.example.com:8443/a?b=c&d=e',
    'https://xn--bcher-kva.example/ü',
    'https://bücher.example/',
    'https://8.8.8.8/x',
    'https://[2606:4700:4700::1111]/',
    'https://a.b.c.d.example.org:443/@user/x',
    'https://shop.example.com./',
    'https://100.128.0.1/',
    'https://172.32.0.1/',
    'https://192.0.1.1/',
  ])('%s', (url) => {
    expect(checkUrl(url, nobody)).toEqual({ kind: 'allowed' });
  });
});

describe('an address that is not on the internet is refused, in whatever form, and the reason says no more', () => {
  it.each([
    // Loopback in the forms that resolvers and browsers accept.
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0x7f.1/',
    'http://017700000001/',
    'http://0177.0.0.1/',
    'http://１２７.０.０.１/',
    'http://127。0。0。1/',
    'http://127.0.0.1./',
    // The same inside an IPv6 address.
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[::ffff:8.8.8.8]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::127.0.0.1]/',
    'http://[64:ff9b::8.8.8.8]/',
    'http://[64:ff9b:1::1]/',
    'http://[2002:7f00:1::]/',
    'http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/',
    'http://[fc00::1]/',
    'http://[fd00:ec2::254]/',
    'http://[fe80::1]/',
    'http://[fec0::1]/',
    'http://[ff02::1]/',
    'http://[100::1]/',
    'http://[2001:db8::1]/',
    'http://[3fff::1]/',
    'http://[4000::1]/',
    'http://[5f00::1]/',
    // IPv4 blocks that are no unicast on the internet.
    'http://0.0.0.0/',
    'http://0.1.2.3/',
    'http://10.0.0.1/',
    'http://100.64.0.1/',
    'http://100.127.255.255/',
    'http://169.254.169.254/latest/meta-data',
    'http://172.16.0.1/',
    'http://172.31.255.255/',
    'http://192.0.0.1/',
    'http://192.0.2.1/',
    'http://192.88.99.1/',
    'http://192.168.1.1/',
    'http://198.18.0.1/',
    'http://198.19.255.255/',
    'http://203.0.113.1/',
    'http://224.0.0.1/',
    'http://240.0.0.1/',
    'http://255.255.255.255/',
    // Names of this machine or network.
    'http://localhost/',
    'http://localhost./',
    'http://LOCALHOST/',
    'http://a.localhost/',
    'http://relay.default.svc/',
    'http://relay.default.svc.cluster.local/',
    'http://kubernetes/',
    'http://metadata.google.internal/',
    'http://printer.local/',
    // Services that are not HTTP.
    'http://8.8.8.8:0/',
    'http://8.8.8.8:22/',
    'http://8.8.8.8:25/',
    'http://shop.example.com:22/',
    'http://shop.example.com:5432/',
    'http://shop.example.com:9092/',
    'http://shop.example.com:6379/',
  ])('%s', (url) => {
    expect(verdict(url)).toBe('the address is not allowed');
  });
});

describe('a URL that two programs could read differently is refused', () => {
  it.each([
    ['', 'it is not a valid URL'],
    ['example.com', 'it is not a valid URL'],
    ['http://', 'it is not a valid URL'],
    ['http:8.8.8.8', 'it is not a valid URL'],
    ['http:///8.8.8.8', 'it is not a valid URL'],
    ['http://[fe80::1%25eth0]/', 'it is not a valid URL'],
    ['http://256.1.1.1/', 'it is not a valid URL'],
    ['http://a.com:99999/', 'it is not a valid URL'],
    ['file:///etc/passwd', 'the URL must begin with https:// or http://'],
    ['gopher://a.com/', 'the URL must begin with https:// or http://'],
    ['ftp://a.com/', 'the URL must begin with https:// or http://'],
    ['unix:/var/run/docker.sock', 'the URL must begin with https:// or http://'],
    ['http://user@a.com/', 'the URL must not hold a user name or password'],
    ['http://user:pass@a.com/', 'the URL must not hold a user name or password'],
    ['http://@a.com/', 'the URL must not hold a user name or password'],
    ['http://a.com#@10.0.0.1/', 'the URL must not have a fragment (#)'],
    ['http://a.com\\@10.0.0.1/', 'the URL holds a space, a control character or a backslash'],
    ['http://a.com\\.evil.org/', 'the URL holds a space, a control character or a backslash'],
    ['http://exa\tmple.com/', 'the URL holds a space, a control character or a backslash'],
    ['http://exa\nmple.com/', 'the URL holds a space, a control character or a backslash'],
    [' http://example.com/', 'the URL holds a space, a control character or a backslash'],
    ['http://example.com/\r\nx: y', 'the URL holds a space, a control character or a backslash'],
    [`http://example.com/${'x'.repeat(3000)}`, 'the URL is longer than 2048 characters'],
  ])('%j', (url, reason) => {
    expect(verdict(url)).toBe(reason);
  });
});

describe('ALLOWED_PORTS', () => {
  const list = AllowList.of({
    ALLOWED_RECEIVERS: ['10.0.0.1'],
    ALLOWED_PORTS: ['443', '25'],
    HTTPS_ONLY: false,
  });

  it('are the only ones of receivers on the internet; listed receivers keep theirs', () => {
    for (const url of ['https://a.example.com/', 'http://8.8.8.8:25/', 'http://10.0.0.1:8080/']) {
      expect([url, checkUrl(url, list).kind]).toEqual([url, 'allowed']);
    }
    for (const url of ['http://8.8.8.8/', 'https://8.8.8.8:8443/', 'https://10.0.0.2/']) {
      expect([url, checkUrl(url, list).kind]).toEqual([url, 'refused']);
    }
  });

  it.each(['0', '65536', '-1', '80a', '8 0', '1e3', ''])('does not take %j', (port) => {
    const wrong = { ALLOWED_RECEIVERS: [], ALLOWED_PORTS: [port], HTTPS_ONLY: false };
    expect(() => AllowList.of(wrong)).toThrow(`ALLOWED_PORTS: "${port}" is no port`);
  });
});

describe('HTTPS_ONLY', () => {
  it('refuses http://, also of listed receivers, and says why', () => {
    const list = AllowList.of({ ALLOWED_RECEIVERS: ['10.0.0.1'], ALLOWED_PORTS: [], HTTPS_ONLY: true });
    for (const host of ['a.example.com', '10.0.0.1']) {
      expect(checkUrl(`https://${host}/`, list)).toEqual({ kind: 'allowed' });
      expect(checkUrl(`http://${host}/`, list)).toEqual({
        kind: 'refused',
        reason: 'the URL must begin with https:// (HTTPS_ONLY is set)',
      });
    }
  });
});

describe('the allow list', () => {
  it.each([
    ['http://127.0.0.1:8080/', '127.0.0.1'],
    ['http://127.0.0.1:8080/', '127.0.0.1:8080'],
    ['http://2130706433:8080/', '127.0.0.1:8080'],
    ['http://10.9.8.7:5432/', '10.0.0.0/8'],
    ['http://10.9.8.7/', '10.0.0.0/8:80'],
    ['http://[fd00::5]/', 'fd00::/8'],
    ['http://[fd00::5]:99/', '[fd00::5]:99'],
    ['http://[fd00::5]:99/', '[fd00::]/8:99'],
    ['http://localhost:3000/', 'localhost'],
    ['http://Receiver.:3000/', 'receiver:3000'],
    ['http://receiver/', '10.0.0.0/8'],
  ])('opens %s by %s', (url, entry) => {
    expect(verdict(url, [entry])).toBe('allowed');
  });

  it.each([
    ['http://127.0.0.1:8081/', '127.0.0.1:8080'],
    ['http://127.0.0.2/', '127.0.0.1'],
    ['http://11.0.0.1/', '12.0.0.0/8'],
    ['http://[::ffff:10.0.0.1]/', '10.0.0.0/8'],
    ['http://[fe80::1]/', 'fd00::/8'],
    ['http://xlocalhost/', 'localhost'],
    ['http://localhost:3001/', 'localhost:3000'],
  ])('does not open %s by %s', (url, entry) => {
    expect(verdict(url, [entry])).toBe(entry === '12.0.0.0/8' ? 'allowed' : 'the address is not allowed');
  });

  it.each(['10.0.0.0/33', '300.1.1.1', 'a b', 'http://x', '10.0.0.1:99999x', '*', ''])(
    'refuses the entry %j with a sentence that names it',
    (entry) => {
      expect(() => AllowList.parse([entry])).toThrow(`"${entry}" is no host name`);
    },
  );
});
