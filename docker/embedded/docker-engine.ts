import { request } from 'node:http';

const answerTimeoutMs = 2_000;

/** Whether a Docker engine answers where its clients look for it. */
export function dockerAnswers(): Promise<boolean> {
  const address = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
  const { protocol, hostname, port, pathname } = new URL(address);
  const where = protocol === 'unix:' ? { socketPath: pathname } : { host: hostname, port };
  return new Promise((resolve) => {
    const ping = request({ ...where, path: '/_ping', timeout: answerTimeoutMs }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.on('timeout', () => ping.destroy());
    ping.on('error', () => {
      resolve(false);
    });
    ping.end();
  });
}
