import { isMap, parseDocument, type Node, type Scalar, type YAMLMap } from 'yaml';

/** One value of a Helm chart: its path, its default as it stands in values.yaml, the comment above it. */
export interface ChartValue {
  path: string;
  standard: string;
  description: string;
}

/** What Kubernetes calls so, everybody knows who installs charts. */
const wellKnown: Readonly<Record<string, string>> = {
  replicas: 'Pods',
  resources: 'Requests and limits',
  podAnnotations: 'Annotations of its pods',
  podLabels: 'Labels of its pods',
  nodeSelector: 'Nodes it may run on',
  tolerations: 'Taints it tolerates',
  affinity: 'Where it would rather run',
  priorityClassName: 'Priority of its pods',
  annotations: 'Annotations',
  image: 'Its image',
  pullPolicy: 'When the image is pulled',
  storageClassName: "Empty: the cluster's default",
  className: 'Its class',
  hosts: 'Its host names',
  hostnames: 'Its host names',
  type: 'Its type',
  port: 'Its port',
  minReplicas: 'Least pods',
  maxReplicas: 'Most pods',
};

/** What values.yaml says: each value that is no map of further ones, with the comment above its key. */
export function readChartValues(text: string): ChartValue[] {
  const { contents } = parseDocument(text, { prettyErrors: true });
  return isMap(contents) ? valuesOf(contents as YAMLMap<Scalar<string>, Node>, [], text) : [];
}

function valuesOf(map: YAMLMap<Scalar<string>, Node>, path: readonly string[], text: string): ChartValue[] {
  return map.items.flatMap(({ key, value }, index) => {
    const own = [...path, key.value];
    if (isMap(value) && value.flow !== true) {
      return valuesOf(value as YAMLMap<Scalar<string>, Node>, own, text);
    }
    // That of a map's first key stands with the map.
    const comment = (index === 0 ? map.commentBefore : undefined) ?? key.commentBefore ?? '';
    const description = lastParagraph(comment) || (wellKnown[key.value] ?? '');
    const [from = 0, to = 0] = value?.range ?? [];
    return [{ path: own.join('.'), standard: flat(text.slice(from, to)), description }];
  });
}

/** What is divided from a key by an empty line is not about it. */
function lastParagraph(comment: string): string {
  const lines = (comment.split(/\n\s*\n/).at(-1) ?? '').split('\n');
  return lines.map((line) => line.trim()).join(' ');
}

/** The table of README.md. */
export function chartValuesTable(values: readonly ChartValue[]): string {
  const rows = values.map(
    ({ path, standard, description }) =>
      `| \`${path}\` | \`${standard.replaceAll('|', '\\|')}\` | ${description.replaceAll('|', '\\|')} |`,
  );
  return ['| value | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

function flat(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/, ([\]}])/g, ' $1')
    .replaceAll(/,([\]}])/g, '$1')
    .replaceAll(/\[ /g, '[')
    .replaceAll(/ \]/g, ']');
}
