export interface FieldChanged {
  before: unknown;
  after: unknown;
}

/** Of no meaning to whoever reads what was changed. */
const bookkeeping = ['version', 'updatedAt', 'createdAt'];
/** Encrypted or not, they are nothing to read. */
const secret = /secret|password|token|^headers$|^auth$|^clientCertificate$/i;
const mask = '***';

/** The fields that differ; of secrets only that they do. */
export function changesBetween(before: object, after: object): Record<string, FieldChanged> {
  const [was, is] = [before, after] as Record<string, unknown>[];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changes = names
    .filter((name) => !bookkeeping.includes(name) && text(was?.[name]) !== text(is?.[name]))
    .map((name) => [name, { before: shown(name, was?.[name]), after: shown(name, is?.[name]) }]);
  return Object.fromEntries(changes) as Record<string, FieldChanged>;
}

function shown(name: string, value: unknown): unknown {
  if (value === undefined || value === null) {
    return null;
  }
  return secret.test(name) ? mask : (JSON.parse(text(value)) as unknown);
}

function text(value: unknown): string {
  return JSON.stringify(value ?? null, (_, member: unknown) =>
    typeof member === 'bigint' ? Number(member) : member,
  );
}
