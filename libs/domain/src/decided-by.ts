import { bindDomain, type Scope } from './bind-domain.js';
import type { Condition, Domain, Parsed } from './domain.js';

/** Whether a domain holds for a record, and which of its conditions decided that. */
export interface Decision {
  holds: boolean;
  /** In the order of the domain: the first that failed of several joined by and, all of them where all hold. */
  decidedBy: readonly DecidingCondition[];
}

export interface DecidingCondition {
  /** Where it stands, e.g. `[2]`. */
  position: string;
  holds: boolean;
  /** What the record has there; undefined behind a relation, where it is several records'. */
  found: unknown;
}

/** For someone who wants to know why. */
export function decidedBy<S>(domain: Domain, scope: Scope<S>, subject: S): Parsed<Decision> {
  const bound = bindDomain(domain, scope);
  return bound.kind === 'ok' ? { kind: 'ok', value: decide(domain, scope, subject) } : bound;
}

function decide<S>(domain: Domain, scope: Scope<S>, subject: S): Decision {
  switch (domain.kind) {
    case 'constant':
      return { holds: domain.value, decidedBy: [] };
    case 'not': {
      const { holds, decidedBy } = decide(domain.term, scope, subject);
      return { holds: !holds, decidedBy };
    }
    case 'and':
    case 'or':
      return decideTogether(domain, scope, subject);
    case 'condition':
      return decideCondition(domain, scope, subject);
  }
}

/** One term that fails decides and, one that holds decides or. */
function decideTogether<S>(
  { kind, terms }: Extract<Domain, { kind: 'and' | 'or' }>,
  scope: Scope<S>,
  subject: S,
): Decision {
  const decisions = terms.map((term) => decide(term, scope, subject));
  const isDeciding = kind === 'or';
  const deciding = decisions.find(({ holds }) => holds === isDeciding);
  return deciding ?? { holds: !isDeciding, decidedBy: decisions.flatMap(({ decidedBy }) => decidedBy) };
}

function decideCondition<S>(condition: Condition, scope: Scope<S>, subject: S): Decision {
  const bound = bindDomain(condition, scope);
  const holds = bound.kind === 'ok' && bound.value(subject);
  return {
    holds,
    decidedBy: [{ position: condition.position, holds, found: found(condition, scope, subject) }],
  };
}

function found<S>({ path }: Condition, scope: Scope<S>, subject: S): unknown {
  const [name = '', ...rest] = path;
  const field = scope.field(name);
  if (rest.length > 0 || field.kind === 'refused') {
    return undefined;
  }
  return field.kind === 'relation' ? field.ids(subject) : field.read(subject);
}
