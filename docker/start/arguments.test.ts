import { describe, expect, it } from '@jest/globals';
import { defaultModels } from '#libs/change';
import { parseArguments, slugOf } from './arguments.js';

const odoo = 'postgres://odoo:secret@db.example:5432/Acme%20Prod';

describe('the arguments of npm start', () => {
  it('are all optional', () => {
    expect(parseArguments([], {})).toEqual({
      kind: 'run',
      options: {
        forSeconds: undefined,
        sample: true,
        load: false,
        odooDatabaseUrl: undefined,
        models: defaultModels,
        database: undefined,
        existing: { brokers: undefined, schemaRegistryUrl: undefined, databaseUrl: undefined },
        controlPort: 0,
        allowedReceivers: [],
        topicPrefix: '',
      },
    });
  });

  it('and the environment point to what exists already', () => {
    const parsed = parseArguments(
      ['--no-sample', '--load', '--odoo', odoo, '--models', 'sale.order, res.partner', '--for', '60'],
      {
        KAFKA_BROKERS: 'a:9092, b:9092',
        SCHEMA_REGISTRY_URL: 'http://registry:8080',
        DATABASE_URL: 'postgres://relay@db/relay',
        ODOO_DATABASE_URL: 'postgres://elsewhere/db',
      },
    );
    expect(parsed).toMatchObject({
      kind: 'run',
      options: {
        forSeconds: 60,
        sample: false,
        load: true,
        odooDatabaseUrl: odoo,
        models: ['sale.order', 'res.partner'],
        existing: {
          brokers: ['a:9092', 'b:9092'],
          schemaRegistryUrl: 'http://registry:8080',
          databaseUrl: 'postgres://relay@db/relay',
        },
      },
    });
  });

  it.each([
    [['--fro', '60'], /Unknown option '--fro'/],
    [['sample'], /Unexpected argument 'sample'/],
    [['--for'], /--for/],
    [['--for', 'ever'], /--for takes a number of seconds/],
    [['--for', '0'], /--for takes a number of seconds/],
    [['--for', '-5'], /--for/],
    [['--no-sample'], /needs your own Odoo database/],
    [['--load'], /--load is for your own Odoo database/],
    [['--no-sample', '--odoo', 'localhost:5432'], /must be a Postgres URL/],
    [['--no-sample', '--odoo', 'mysql://localhost/odoo'], /must be a Postgres URL/],
    [['--no-sample', '--odoo', 'postgres://localhost'], /must be a Postgres URL/],
    [['--models', 'Sale Order'], /"Sale Order" is none/],
    [['--models', ','], /--models takes/],
    [['--database', 'Acme!'], /--database takes/],
  ])('%j are refused with one sentence', (argv, sentence) => {
    const parsed = parseArguments(argv, {});
    expect(parsed).toEqual({ kind: 'wrong', sentence: expect.stringMatching(sentence) });
    expect((parsed as { sentence: string }).sentence).not.toContain('\n');
  });

  it('explain themselves', () => {
    expect(parseArguments(['--help'], {})).toMatchObject({
      kind: 'help',
      text: expect.stringContaining('--no-sample'),
    });
  });
});

describe('the slug of a database', () => {
  it('is made of its name', () => {
    expect(slugOf(odoo)).toBe('acme_prod');
    expect(slugOf('postgres://localhost/odoo-19_test?sslmode=require')).toBe('odoo-19_test');
  });
});
