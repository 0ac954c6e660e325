export type { Domain, DomainProblem, DomainValue, Parsed } from './domain.js';
export { domainLimits, parseDomain } from './parse-domain.js';
export {
  bindDomain,
  related,
  type Field,
  type Predicate,
  type RelationField,
  type Scope,
} from './bind-domain.js';
export { decidedBy, type DecidingCondition, type Decision } from './decided-by.js';
export { requiredValues, type RequiredValues } from './required-values.js';
export type { FieldType, FieldValue } from './value-tests.js';
