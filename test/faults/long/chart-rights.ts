import { spawnSync } from 'node:child_process';
import { parseAllDocuments } from 'yaml';
// eslint-disable-next-line @typescript-eslint/no-restricted-imports -- rights are given by an operator, so libs/kafka has no part in it
import kafkajs, { type AclEntry } from 'kafkajs';
import type { AppName } from '../../harness/apps.js';

interface StrimziAcl {
  resource: { type: 'topic' | 'group' | 'transactionalId' | 'cluster'; name?: string; patternType?: string };
  operations: string[];
}

interface KafkaUser {
  kind: 'KafkaUser';
  metadata: { name: string; labels: Record<string, string> };
  spec: { authorization: { acls: StrimziAcl[] } };
}

export interface ChartUser {
  app: AppName;
  name: string;
  rights: AclEntry[];
}

const values = 'charts/odoo-relay/ci/keda-strimzi.yaml';
/** In these values. */
export const chartTopicPrefix = 'relay1-';

/** Who Strimzi would make of the chart, and what each may do; undefined where there is no helm. */
export function chartUsers(): ChartUser[] | undefined {
  const helm = spawnSync('helm', ['template', 'relay', 'charts/odoo-relay', '-f', values], {
    encoding: 'utf8',
  });
  if (helm.error !== undefined) return undefined;
  if (helm.status !== 0) throw new Error(helm.stderr);
  return parseAllDocuments(helm.stdout)
    .map((document) => document.toJS() as KafkaUser | { kind: string } | null)
    .filter((resource): resource is KafkaUser => resource?.kind === 'KafkaUser')
    .map(({ metadata: { name, labels }, spec }) => ({
      app: labels['app.kubernetes.io/component'] as AppName,
      name,
      rights: spec.authorization.acls.flatMap((acl) => entriesOf(name, acl)),
    }));
}

/** As Strimzi's user operator does. */
export async function giveRights(broker: string, users: readonly ChartUser[]): Promise<void> {
  const client = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  await admin.createAcls({ acl: users.flatMap(({ rights }) => rights) });
  await admin.disconnect();
}

function entriesOf(user: string, { resource, operations }: StrimziAcl): AclEntry[] {
  const { AclResourceTypes, ResourcePatternTypes } = kafkajs;
  const types = {
    topic: AclResourceTypes.TOPIC,
    group: AclResourceTypes.GROUP,
    transactionalId: AclResourceTypes.TRANSACTIONAL_ID,
    cluster: AclResourceTypes.CLUSTER,
  };
  return operations.map((operation) => ({
    principal: `User:${user}`,
    host: '*',
    permissionType: kafkajs.AclPermissionTypes.ALLOW,
    operation: operationOf(operation),
    resourceType: types[resource.type],
    resourceName: resource.name ?? 'kafka-cluster',
    resourcePatternType:
      resource.patternType === 'prefix' ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
  }));
}

/** `DescribeConfigs` is DESCRIBE_CONFIGS to kafkajs. */
function operationOf(name: string): AclEntry['operation'] {
  const constant = name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
  const operations = kafkajs.AclOperationTypes as unknown as Record<
    string,
    AclEntry['operation'] | undefined
  >;
  const operation = operations[constant];
  if (operation === undefined) throw new Error(`the chart gives an operation that is none: ${name}`);
  return operation;
}
