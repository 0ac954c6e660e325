import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError } from 'typeorm';
import { isPostgresUnavailable } from './postgres-errors.js';

const withCode = (code: string, message = 'x'): Error => Object.assign(new Error(message), { code });

function foreignError(): object {
  return runInContext(`new Error('x')`, createContext()) as object;
}

describe('Postgres cannot be used at the moment', () => {
  it.each([
    ['nobody listens', withCode('ECONNREFUSED')],
    ['the connection is reset', withCode('ECONNRESET')],
    [
      'on both families of addresses',
      new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNREFUSED')]),
    ],
    ['it shuts down', withCode('57P01')],
    ['it starts up', withCode('57P03')],
    ['it has too many clients', withCode('53300')],
    ['it only reads, as a standby', withCode('25006')],
    ['a statement takes too long', withCode('57014')],
    ['a lock is not given in time', withCode('55P03')],
    ['it hung up', new Error('Connection terminated unexpectedly')],
    ['it does not answer', new Error('Query read timeout')],
    ['no connection is free in time', new Error('timeout exceeded when trying to connect')],
    ['told by an error of another realm', Object.assign(foreignError(), { code: 'ECONNREFUSED' })],
    ['a transaction lost its connection', new QueryRunnerAlreadyReleasedError()],
    ['its connection was lost before the next statement', new QueryRunnerProviderAlreadyReleasedError()],
    ['told by typeorm', Object.assign(new Error('x'), { driverError: withCode('57P01') })],
  ])('when %s', (_, error) => {
    expect(isPostgresUnavailable(error)).toBe(true);
  });

  it.each([
    ['a statement is wrong', withCode('42601')],
    ['a constraint is hurt', withCode('23505')],
    ['something else is thrown', 'ECONNREFUSED'],
    ['nothing is thrown', undefined],
    ['the fault is ours', new TypeError('x is not a function')],
  ])('but not when %s', (_, error) => {
    expect(isPostgresUnavailable(error)).toBe(false);
  });
});
