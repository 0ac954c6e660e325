import { applyDecorators } from '@nestjs/common';
import {
  ApiProperty,
  ApiPropertyOptional,
  ApiResponse,
  getSchemaPath,
  ApiExtraModels,
} from '@nestjs/swagger';
import {
  problemCodes,
  problemMediaType,
  type FieldError,
  type ProblemCode,
  type ProblemDocument,
} from './problem.js';

class FieldErrorView implements FieldError {
  @ApiProperty({ type: String, example: 'settings.timeoutMs' })
  field!: string;

  @ApiProperty({ type: String, example: 'invalid' })
  code!: string;

  @ApiProperty({ type: String, example: 'must be a whole number from 100 to 60000' })
  message!: string;
}

/** `application/problem+json` (RFC 9457). */
class ProblemView implements ProblemDocument {
  @ApiProperty({ type: String, example: 'urn:odoo-relay:problem:validation_failed' })
  type!: string;

  @ApiProperty({ type: String, example: 'Some fields are not right' })
  title!: string;

  @ApiProperty({ type: 'integer', example: 422 })
  status!: number;

  @ApiProperty({ enum: problemCodes, description: 'stable: made for programs' })
  code!: ProblemCode;

  @ApiProperty({ type: String, description: 'what is wrong and what to do, for people' })
  detail!: string;

  @ApiPropertyOptional({ type: [FieldErrorView] })
  errors?: readonly FieldErrorView[];
}

const descriptions: Readonly<Record<number, string>> = {
  400: 'The request cannot be read',
  401: 'Credentials are missing or wrong',
  403: 'The credentials may not do this, or the application is not approved',
  404: 'There is no such thing',
  409: 'It is in use, or there are too many',
  413: 'The body is too large',
  415: 'The body is not sent as JSON',
  422: 'Some fields are not right; `errors` names each',
  500: 'Something unexpected went wrong',
  503: 'Postgres or Kafka does not answer: nothing was changed, try again',
};

const always = [401, 403, 500, 503];
/** For routes that take a body. */
export const bodyProblems = [400, 413, 415, 422] as const;

/** Documents the problems a route answers with besides those that every route has. */
export function AnswersProblems(...statuses: readonly number[]): MethodDecorator {
  const schema = { $ref: getSchemaPath(ProblemView) };
  return applyDecorators(
    ApiExtraModels(ProblemView),
    ...[...always, ...statuses].map((status) =>
      ApiResponse({
        status,
        description: descriptions[status] ?? '',
        content: { [problemMediaType]: { schema } },
      }),
    ),
  );
}
