type Schema = Readonly<Record<string, unknown>>;

/** What Nest writes for "or null" is of OpenAPI 3.0; in 3.1 null is a type like any other. Changes nothing in place. */
export function asOpenApi31<T>(document: T): T {
  return converted(document) as T;
}

function converted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(converted);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const members = Object.entries(value).map(([name, member]): [string, unknown] =>
    name === 'example' || name === 'examples' ? [name, member] : [name, converted(member)],
  );
  const { nullable, ...schema } = Object.fromEntries(members) as Schema;
  if (typeof nullable !== 'boolean') {
    return Object.fromEntries(members);
  }
  return nullable ? orNull(schema) : schema;
}

function orNull(schema: Schema): Schema {
  const { type, enum: values } = schema;
  if (typeof type === 'string') {
    const named = Array.isArray(values) ? { enum: [...(values as unknown[]), null] } : {};
    return { ...schema, type: [type, 'null'], ...named };
  }
  const { description, example, $ref, allOf, ...rest } = schema;
  const isAnything = $ref === undefined && allOf === undefined && Object.keys(rest).length === 0;
  if (isAnything) {
    return schema;
  }
  // What stands beside a reference, or around it, says the same of both.
  const only = Array.isArray(allOf) && allOf.length === 1 ? (allOf[0] as Schema) : undefined;
  const other =
    $ref === undefined ? (only ?? { ...rest, ...(allOf === undefined ? {} : { allOf }) }) : { $ref };
  return {
    ...(description === undefined ? {} : { description }),
    ...(example === undefined ? {} : { example }),
    anyOf: [other, { type: 'null' }],
  };
}
