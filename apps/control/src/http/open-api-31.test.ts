import { describe, expect, it } from '@jest/globals';
import { asOpenApi31 } from './open-api-31.js';

const reference = { $ref: '#/components/schemas/AuthView' };

describe('"or null" as OpenAPI 3.1 has it', () => {
  it.each([
    ['a type', { type: 'string', nullable: true }, { type: ['string', 'null'] }],
    [
      'a list',
      { type: 'array', items: { type: 'integer', nullable: true }, nullable: true },
      { type: ['array', 'null'], items: { type: ['integer', 'null'] } },
    ],
    [
      'named values',
      { type: 'string', enum: ['a'], nullable: true },
      { type: ['string', 'null'], enum: ['a', null] },
    ],
    [
      'a reference',
      { description: 'x', nullable: true, allOf: [reference] },
      { description: 'x', anyOf: [reference, { type: 'null' }] },
    ],
    ['a bare reference', { ...reference, nullable: true }, { anyOf: [reference, { type: 'null' }] }],
    ['anything', { nullable: true, description: 'x' }, { description: 'x' }],
    ['not null', { type: 'string', nullable: false }, { type: 'string' }],
    [
      'one of several',
      { nullable: true, oneOf: [reference] },
      { anyOf: [{ oneOf: [reference] }, { type: 'null' }] },
    ],
  ])('%s', (_, given, expected) => {
    expect(asOpenApi31({ properties: { a: given } })).toEqual({ properties: { a: expected } });
  });

  it('leaves a field of that name, and examples, as they are', () => {
    const schema = { properties: { nullable: { type: 'boolean' } }, example: { nullable: true } };
    expect(asOpenApi31(schema)).toEqual(schema);
  });
});
