import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, ApiResponse, getSchemaPath } from '@nestjs/swagger';
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
export class ProblemView implements ProblemDocument {
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
  404: 'There is no such thing',
  409: 'It cannot be done as things stand',
  412: 'It was changed meanwhile: `If-Match` names another version',
  422: 'Some fields are not right; `errors` names each',
};

/** For routes that take a body. */
export const bodyProblems = [422] as const;

/** Documents the problems a route answers with besides those that every route has (shared-answers.ts). */
export function AnswersProblems(...statuses: readonly number[]): MethodDecorator {
  const schema = { $ref: getSchemaPath(ProblemView) };
  return applyDecorators(
    ...statuses.map((status) =>
      ApiResponse({
        status,
        description: descriptions[status] ?? '',
        content: { [problemMediaType]: { schema } },
      }),
    ),
  );
}
