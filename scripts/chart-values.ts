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

interface Line {
  indent: number;
  key: string;
  rest: string;
}

/**
 * Reads what this chart's values.yaml is made of: maps by indentation, comments above keys, and values that end on
 * their line or are in brackets.
 */
export function readChartValues(text: string): ChartValue[] {
  const values: ChartValue[] = [];
  const path: Line[] = [];
  let comment: string[] = [];
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const raw = lines[at] ?? '';
    const remark = /^\s*# ?(.*)$/.exec(raw);
    if (remark !== null) {
      comment.push(remark[1] ?? '');
      continue;
    }
    const line = parseLine(raw);
    if (line === undefined) {
      comment = [];
      continue;
    }
    const block: string[] = [];
    while (isContinued(lines, at, line, [line.rest, ...block].join(' '))) {
      at += 1;
      block.push((lines[at] ?? '').trim());
    }
    while (path.length > 0 && (path.at(-1)?.indent ?? 0) >= line.indent) path.pop();
    path.push(line);
    const standard = [line.rest, ...block].join(' ').trim();
    if (standard !== '') {
      const description = comment.join(' ') || (wellKnown[line.key] ?? '');
      values.push({ path: path.map(({ key }) => key).join('.'), standard: flat(standard), description });
    }
    comment = [];
  }
  return values;
}

/** The table of README.md. */
export function chartValuesTable(values: readonly ChartValue[]): string {
  const rows = values.map(
    ({ path, standard, description }) =>
      `| \`${path}\` | \`${standard.replaceAll('|', '\\|')}\` | ${description.replaceAll('|', '\\|')} |`,
  );
  return ['| value | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

function parseLine(raw: string): Line | undefined {
  const match = /^(\s*)([A-Za-z0-9]+):\s*(.*)$/.exec(raw);
  return match === null
    ? undefined
    : { indent: (match[1] ?? '').length, key: match[2] ?? '', rest: match[3] ?? '' };
}

/** Whether the next line is still part of a value: a bracket is open, or begins below its key, or a list does. */
function isContinued(lines: readonly string[], at: number, { indent, rest }: Line, soFar: string): boolean {
  const next = lines[at + 1] ?? '';
  const opened = soFar.split(/[[{]/).length - soFar.split(/[\]}]/).length;
  if (opened > 0) return true;
  const deeper = next.length - next.trimStart().length > indent;
  return rest === '' && deeper && (soFar.trim() === '' ? /^\s*[[{-]/.test(next) : /^\s*-/.test(next));
}

function flat(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/, ([\]}])/g, ' $1')
    .replaceAll(/,([\]}])/g, '$1')
    .replaceAll(/\[ /g, '[')
    .replaceAll(/ \]/g, ']');
}
