// `npm run test:kubernetes`: makes the checkout and a cluster ready and runs test/kubernetes in it; arguments choose
// some, as in `npm run test:kubernetes -- upgrade`. Says why, and ends well, where there can be no cluster.
import { checkoutDirectory, handOver, setUp } from './setup.mjs';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Two tags of the same sources, as an upgrade needs them, and one that tells another time. */
const images = {
  first: 'odoo-relay:kubernetes',
  next: 'odoo-relay:kubernetes-next',
  late: 'odoo-relay:kubernetes-late',
};
const servers = ['apache/kafka:4.2.0', 'apicurio/apicurio-registry-mem:2.6.13.Final', 'postgres:18'];
/** The cluster sees within half a minute that a node is lost, and looks often at what it scales by. */
const managerArguments = '--node-monitor-grace-period=20s --horizontal-pod-autoscaler-sync-period=5s';
const lab = process.env.KUBERNETES_LAB ?? join(checkoutDirectory, '../shared');

const reason = whyNot();
if (reason === undefined) {
  await setUp();
  const environment = bringUp();
  process.exitCode = await handOver(
    [
      '--experimental-vm-modules',
      'node_modules/jest/bin/jest.js',
      ...process.argv.slice(2),
      '--config=jest.kubernetes.config.js',
      '--runInBand',
      '--forceExit',
      '--reporters=default',
      '--reporters=<rootDir>/test/harness/count-reporter.mjs',
    ],
    {
      ...process.env,
      ...environment,
      NODE_NO_WARNINGS: '1',
      RELAY_KUBERNETES_IMAGES: JSON.stringify(images),
    },
  );
} else {
  skip(reason);
}

function whyNot() {
  for (const name of ['docker-lab/up', 'k8s-lab/up', 'k8s-lab/load', 'k8s-lab/keda']) {
    if (!existsSync(join(lab, name)))
      return `there is no ${name} in ${lab}: KUBERNETES_LAB names the folder that has a cluster to bring up`;
  }
  return process.getuid() === 0
    ? undefined
    : 'only root can bring up network namespaces and container runtimes';
}

/** The engine, two nodes with KEDA, our images on them, nothing of an earlier run; gives what kubectl and helm need. */
function bringUp() {
  const cluster = { ...process.env, K8S_LAB_NODES: '2', K8S_LAB_MANAGER_ARGS: managerArguments };
  orSkip('bash', [join(lab, 'docker-lab/up')], cluster);
  const said = orSkip('bash', [join(lab, 'k8s-lab/up')], cluster);
  const environmentFile = /^\. (\S+)$/m.exec(said)?.[1];
  if (environmentFile === undefined) skip('k8s-lab/up has not said where its environment stands');
  orSkip('bash', [join(lab, 'k8s-lab/keda')], cluster);
  const build = ['build', '--quiet', '--network=host'];
  for (const which of ['first', 'next']) {
    const version = ['--build-arg', `VERSION=${which}`];
    must('docker', [...build, ...version, '-f', 'docker/Dockerfile', '-t', images[which], '.']);
  }
  const from = ['--build-arg', `IMAGE=${images.first}`];
  const late = ['-f', 'test/kubernetes/late-clock.Dockerfile', '-t', images.late];
  must('docker', [...build, ...from, ...late, 'test/kubernetes']);
  must('bash', [join(lab, 'k8s-lab/load'), ...Object.values(images), ...servers], cluster);
  const text = execFileSync('bash', ['-c', '. "$1" && env -0', '-', environmentFile], { encoding: 'utf8' });
  const environment = Object.fromEntries(text.split('\0').flatMap((line) => entryOf(line)));
  const earlier = ['delete', 'namespace', 'odoo-relay-test', '--ignore-not-found', '--timeout=180s'];
  must('kubectl', earlier, { ...process.env, ...environment });
  return environment;
}

function entryOf(line) {
  const at = line.indexOf('=');
  const name = line.slice(0, at);
  return name === 'PATH' || name === 'KUBECONFIG' || name.startsWith('HELM_')
    ? [[name, line.slice(at + 1)]]
    : [];
}

function orSkip(command, args, env) {
  const { status, stdout, stderr, error } = start(command, args, env);
  const last = `${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').slice(-3).join('; ');
  if (status !== 0) skip(`${args.join(' ')} has not come up: ${error?.message ?? last}`);
  return stdout;
}

function must(command, args, env = process.env) {
  const { status, stdout, stderr, error } = start(command, args, env);
  if (status === 0) return;
  process.stderr.write(
    `${command} ${args.join(' ')} has failed:\n${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}\n`,
  );
  process.exit(1);
}

function start(command, args, env) {
  process.stderr.write(`${[command, ...args].join(' ')} …\n`);
  return spawnSync(command, args, { env, cwd: checkoutDirectory, encoding: 'utf8', maxBuffer: 2 ** 26 });
}

function skip(why) {
  process.stdout.write(`SKIPPED: ${why}\n0 passed, 0 failed\n`);
  process.exit(0);
}
