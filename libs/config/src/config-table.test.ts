import { describe, expect, it } from '@jest/globals';
import { RelayError } from '#libs/process';
import { describeConfig, loadConfig, maskedConfig, type ConfigTable } from './config-table.js';

const table = {
  BROKERS: { type: 'list', description: 'brokers' },
  REGISTRY_URL: { type: 'url', description: 'registry' },
  ADMIN_KEY: { type: 'text', secret: true, description: 'admin key' },
  TIMEOUT_MS: { type: 'integer', default: 5000, min: 1, max: 60_000, description: 'timeout' },
  VERBOSE: { type: 'boolean', default: false, description: 'more lines' },
} as const satisfies ConfigTable;

const good = {
  BROKERS: 'a:1, b:2,',
  REGISTRY_URL: 'http://user:pw@registry:8080/x',
  ADMIN_KEY: 'top-secret',
};

function problemOf(source: Record<string, string>): string {
  try {
    loadConfig(table, source);
  } catch (error) {
    if (error instanceof RelayError) {
      expect(error.code).toBe('CONFIG_INVALID');
      return error.message;
    }
  }
  throw new Error('the configuration was taken');
}

describe('loadConfig', () => {
  it('gives typed values and defaults', () => {
    expect(loadConfig(table, { ...good, VERBOSE: 'true' })).toEqual({
      BROKERS: ['a:1', 'b:2'],
      REGISTRY_URL: 'http://user:pw@registry:8080/x',
      ADMIN_KEY: 'top-secret',
      TIMEOUT_MS: 5000,
      VERBOSE: true,
    });
  });

  it('names everything that is missing or wrong at once', () => {
    const problem = problemOf({ REGISTRY_URL: 'nowhere', TIMEOUT_MS: '0', VERBOSE: 'yes' });
    for (const part of [
      'BROKERS is not set',
      'REGISTRY_URL is no URL',
      'ADMIN_KEY is not set',
      'TIMEOUT_MS must be',
      'VERBOSE must be',
    ]) {
      expect(problem).toContain(part);
    }
  });

  it.each(['1.5', '1e3', '-1', '60001', 'ten'])('refuses %s as a whole number from 1 to 60000', (text) => {
    expect(problemOf({ ...good, TIMEOUT_MS: text })).toContain('from 1 to 60000');
  });

  it('never shows the value of a secret', () => {
    const secretNumber = {
      PIN: { type: 'integer', secret: true, description: 'pin' },
    } as const satisfies ConfigTable;
    expect(() => loadConfig(secretNumber, { PIN: 'hunter2' })).toThrow(/the given value/);
    const masked = JSON.stringify(maskedConfig(table, loadConfig(table, good)));
    expect(masked).not.toContain('top-secret');
    expect(masked).not.toContain('pw@');
    expect(masked).toContain('http://user:***@registry:8080/x');
  });
});

describe('describeConfig', () => {
  it('says which settings must be given', () => {
    expect(describeConfig(table).map(({ name, default: value }) => `${name}=${value}`)).toEqual([
      'BROKERS=required',
      'REGISTRY_URL=required',
      'ADMIN_KEY=required',
      'TIMEOUT_MS=5000',
      'VERBOSE=false',
    ]);
  });
});
