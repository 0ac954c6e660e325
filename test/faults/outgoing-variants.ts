/** Ways to write down addresses that must not be dialled, for outgoing-addresses.test.ts. */

/** Loopback, this network, private, shared, link-local with its metadata service, special, multicast, reserved. */
export const privateIpv4 = [
  ...['127.0.0.1', '127.1.2.3', '127.255.255.254', '0.0.0.0', '0.1.2.3', '10.0.0.1', '10.255.255.255'],
  ...['100.64.0.1', '100.100.100.200', '169.254.169.254', '169.254.170.2', '172.16.0.1', '172.31.255.255'],
  ...[
    '192.0.0.1',
    '192.168.0.1',
    '192.168.255.255',
    '198.18.0.1',
    '198.19.255.255',
    '224.0.0.1',
    '240.0.0.1',
  ],
  '255.255.255.255',
];

/** Those that hold no IPv4 address. */
export const privateIpv6 = [
  ...['[::1]', '[::]', '[0:0:0:0:0:0:0:1]', '[0000::0001]', '[fc00::1]', '[fd00:ec2::254]', '[fd12:3456::1]'],
  ...[
    '[fe80::1]',
    '[febf::1]',
    '[fec0::1]',
    '[ff02::1]',
    '[ff0e::1]',
    '[100::1]',
    '[2001:db8::1]',
    '[3fff::1]',
  ],
  ...['[2001::1]', '[2001:2::1]', '[2001:10::1]', '[4000::1]', '[5f00::1]', '[64:ff9b:1::1]'],
];

const hex = (value: number, digits = 0): string => value.toString(16).padStart(digits, '0');

/** An IPv4 address in every notation that a URL parser, a resolver or a router may take for it. */
export function notations(address: string): string[] {
  const parts = address.split('.').map(Number);
  const [a = 0, b = 0, c = 0, d = 0] = parts;
  const whole = ((a * 256 + b) * 256 + c) * 256 + d;
  const high = hex(a * 256 + b, 4);
  const low = hex(c * 256 + d, 4);
  const inverse = `${hex(0xffff - (a * 256 + b), 4)}:${hex(0xffff - (c * 256 + d), 4)}`;
  return [
    address,
    `${address}.`,
    String(whole),
    `0x${hex(whole)}`,
    `0X${hex(whole, 8).toUpperCase()}`,
    `0${whole.toString(8)}`,
    parts.map((part) => `0x${hex(part)}`).join('.'),
    parts.map((part) => `0${part.toString(8)}`).join('.'),
    parts.map((part) => `000${part.toString(8)}`).join('.'),
    `${a}.${b * 65_536 + c * 256 + d}`,
    `${a}.${b}.${c * 256 + d}`,
    `0x${hex(a)}.${b}.0${c.toString(8)}.${d}`,
    fullWidth(address),
    address.replaceAll('.', '\u3002'),
    address.replaceAll('.', '\uff0e'),
    address.replace(/\d/g, (digit) => `%3${digit}`),
    `[::ffff:${address}]`,
    `[::ffff:${high}:${low}]`,
    `[0:0:0:0:0:ffff:${high}:${low}]`,
    `[::${address}]`,
    `[::ffff:0:${address}]`,
    `[64:ff9b::${address}]`,
    `[64:ff9b::${high}:${low}]`,
    `[64:ff9b:1::${high}:${low}]`,
    `[2002:${high}:${low}::1]`,
    `[2001:0:4136:e378:8000:63bf:${inverse}]`,
    `[fe80::5efe:${address}]`,
  ];
}

function fullWidth(text: string): string {
  return text.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)));
}

/** URLs of which one program may think that they lead to shop.example, and another to the private host. */
export function disguises(host: string): string[] {
  return [
    `http://shop.example@${host}/`,
    `http://shop.example:80@${host}/`,
    `http://shop.example%40${host}/`,
    `http://@${host}/`,
    `http://:@${host}/`,
    `http://${host}\\@shop.example/`,
    `http://shop.example\\@${host}/`,
    `http://${host}#@shop.example/`,
    `http://shop.example#@${host}/`,
    `http://${host}?@shop.example/`,
    `http://${host}\t/`,
    `http://${host}\n/`,
    `http://\t${host}/`,
    `ht\ntp://${host}/`,
    ` http://${host}/`,
    `http:\\\\${host}/`,
    `http:/${host}/`,
    `http:///${host}/`,
    `http:${host}/`,
    `//${host}/`,
    `http://${host}\0.shop.example/`,
    `http://${host}%00.shop.example/`,
    `http://${host}%2f.shop.example/`,
    `http://${host} .shop.example/`,
    `http://shop.example\r\nhost: ${host}/`,
    `file://${host}/etc/passwd`,
    `gopher://${host}/_POST`,
    `ftp://${host}/`,
    `dict://${host}/`,
    `ws://${host}/`,
    `unix:${host}`,
    `http://unix:/var/run/docker.sock:/`,
    `jar:http://${host}!/`,
    `data:text/plain,${host}`,
    `javascript:fetch("http://${host}")`,
  ];
}

/** What a resolver may say of a public name: at least one address of each is private. */
export const poisonedAnswers = privateIpv4.flatMap((address) => [
  [address],
  ['93.184.216.34', address],
  [address, '93.184.216.34'],
  ['93.184.216.34', '2606:2800:220:1::1', `::ffff:${address}`],
  ['2606:2800:220:1::1', address],
]);

export const poisonedIpv6Answers = privateIpv6.flatMap((host) => {
  const address = host.slice(1, -1);
  return [[address], ['93.184.216.34', address], [`${address}%eth0`]];
});

/** Names that mean this machine or its network, whatever a resolver says. */
export const privateNames = [
  ...['localhost', 'localhost.', 'LOCALHOST', 'a.localhost', 'a.b.localhost.', 'localhost.localdomain'],
  ...[
    'relay.svc',
    'relay.default.svc',
    'relay.default.svc.cluster.local',
    'kubernetes',
    'kubernetes.default',
  ],
  ...['kubernetes.default.svc.cluster.local.', 'metadata.google.internal', 'instance-data.ec2.internal'],
  ...[
    'host.docker.internal',
    'printer.local',
    'router.lan',
    'wiki.corp',
    'nas.home',
    'nas.home.arpa',
    'kafka',
  ],
  ...['postgres', 'intranet', 'wiki.intranet', 'localhost\uff0e', 'ⓛocalhost'],
];

/** Hosts on the internet, in ways that must go on to be accepted. */
export const publicHosts = [
  ...[
    'shop.example.com',
    'shop.example.com.',
    'SHOP.Example.COM',
    'a.b.c.d.e.example.org',
    'xn--bcher-kva.example',
  ],
  ...[
    'bücher.example',
    'my_shop.example.com',
    '1und1.de',
    '0x.example',
    '127.0.0.1.example.com',
    '10.example.com',
  ],
  ...[
    'localhost.example.com',
    'internal.example.com',
    'svc.example.com',
    'local.example.com',
    'notlocalhost.com',
  ],
  ...['8.8.8.8', '1.1.1.1', '9.255.255.255', '11.0.0.1', '100.63.255.255', '100.128.0.1', '126.255.255.255'],
  ...[
    '128.0.0.1',
    '169.253.255.255',
    '169.255.0.1',
    '172.15.255.255',
    '172.32.0.1',
    '192.0.1.1',
    '192.167.1.1',
  ],
  ...[
    '192.169.0.1',
    '198.17.255.255',
    '198.20.0.1',
    '223.255.255.255',
    '134744072',
    '0x08080808',
    '010.8.8.8',
  ],
  ...['[2606:4700:4700::1111]', '[2a00:1450:4001:81b::200e]', '[2001:4860:4860::8888]', '[2400:cb00::1]'],
];
export const publicPorts = ['', ':443', ':80', ':8080', ':8443', ':3000', ':65535'];
