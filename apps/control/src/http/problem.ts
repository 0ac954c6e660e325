import { HttpException } from '@nestjs/common';
import { refusals, type RefusalCode } from '#libs/oauth1';

/** Of requests signed as of OAuth 1.0a. */
const oauth1Problems = Object.fromEntries(
  Object.entries(refusals).map(([code, title]) => [code, { status: 401, title }]),
) as Readonly<Record<RefusalCode, { status: 401; title: string }>>;

/** Every problem the API answers with. The codes are stable: clients may depend on them. */
const problems = {
  malformed_json: { status: 400, title: 'The body is not JSON' },
  unauthorized: { status: 401, title: 'Who makes the request is not known' },
  insufficient_scope: { status: 403, title: 'The credentials may not do this' },
  application_not_approved: { status: 403, title: 'The application is not approved' },
  registrations_closed: { status: 403, title: 'Applications cannot register themselves here' },
  application_not_found: { status: 404, title: 'There is no such application' },
  application_in_use: { status: 409, title: 'The application is in use' },
  credential_not_found: { status: 404, title: 'There is no such credential' },
  consent_not_found: { status: 404, title: 'There is no such consent' },
  credential_not_rotatable: { status: 409, title: 'The credential has no secret to replace' },
  too_many_registrations: { status: 409, title: 'Too many applications wait for approval' },
  subscription_not_found: { status: 404, title: 'There is no such subscription' },
  event_type_not_found: { status: 404, title: 'There is no such event type' },
  event_type_in_use: { status: 409, title: 'Subscriptions name the event type' },
  delivery_not_found: { status: 404, title: 'There is no such delivery' },
  delivery_not_dead: { status: 409, title: 'There is no dead letter of the delivery' },
  subscription_disabled: { status: 409, title: 'The subscription is switched off' },
  replay_not_found: { status: 404, title: 'There is no such replay' },
  redrive_not_found: { status: 404, title: 'There is no such redrive' },
  erasure_not_found: { status: 404, title: 'There is no such erasure' },
  account_not_found: { status: 404, title: 'There is no such account' },
  email_in_use: { status: 409, title: 'There is an account with this e-mail address' },
  database_not_found: { status: 404, title: 'There is no such database' },
  route_not_found: { status: 404, title: 'There is no such route' },
  request_timeout: { status: 408, title: 'The request did not come in time' },
  idempotency_key_in_use: { status: 409, title: 'A request with this key is still under way' },
  precondition_failed: { status: 412, title: 'It was changed meanwhile' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body is not sent as JSON' },
  ...oauth1Problems,
  validation_failed: { status: 422, title: 'Some fields are not right' },
  idempotency_key_reused: { status: 422, title: 'The key stands for another request' },
  rate_limited: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  request_refused: { status: 400, title: 'The request cannot be read' },
  internal_error: { status: 500, title: 'Something unexpected went wrong' },
  postgres_unavailable: { status: 503, title: "The control app's Postgres does not answer" },
  kafka_unavailable: { status: 503, title: 'Kafka does not answer' },
  registry_unavailable: { status: 503, title: 'The schema registry does not answer' },
} as const;

export type ProblemCode = keyof typeof problems;

export interface FieldError {
  /** Path of the field in the body or query, e.g. `settings.timeoutMs`. */
  field: string;
  code: string;
  message: string;
}

/** What is sent as `application/problem+json` (RFC 9457). */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  code: ProblemCode;
  detail: string;
  errors?: readonly FieldError[];
}

/** An answer other than success; `detail` says what to do about it and holds no secret. */
export class Problem extends HttpException {
  readonly document: ProblemDocument;

  constructor(code: ProblemCode, detail: string, errors: readonly FieldError[] = []) {
    const { status, title } = problems[code];
    super(title, status);
    this.document = {
      type: `urn:odoo-relay:problem:${code}`,
      title,
      status,
      code,
      detail,
      ...(errors.length > 0 ? { errors } : {}),
    };
  }

  static ofFields(errors: readonly FieldError[]): Problem {
    const detail = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
    return new Problem('validation_failed', detail, errors);
  }
}

/** @throws Problem that names them all */
export function requireNone(errors: readonly FieldError[]): void {
  if (errors.length > 0) {
    throw Problem.ofFields(errors);
  }
}

export const problemCodes = Object.keys(problems) as ProblemCode[];
export const problemMediaType = 'application/problem+json';
