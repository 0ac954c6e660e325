import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Column } from '#libs/change';
import { Filter, listed, Subject, type ReadableChange } from '#libs/event';
import { testStack } from '../harness/stack.js';
import { odooFixture } from './odoo-fixture.js';
import { recordedState, type RecordedState } from './recorded-state.js';

interface Answered {
  model: string;
  domain: unknown[];
  ids: number[];
}

const folder = odooFixture();
const describeRecorded = folder === undefined ? describe.skip : describe;
const stack = testStack();
const timeoutMs = 180_000;
const answered =
  folder === undefined
    ? []
    : readFileSync(join(folder, 'domains.jsonl'), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Answered);

describeRecorded('domains to which a real Odoo gave its answers', () => {
  let state: RecordedState;

  beforeAll(async () => {
    state = await recordedState(stack, folder ?? '', [...new Set(answered.map(({ model }) => model))]);
  }, timeoutMs);

  /** The ids for which the domain holds, or why it is refused at save. */
  function answerOf({ model, domain }: Answered): number[] | string {
    const records = state.get(model) ?? new Map<number, ReadableChange>();
    const filter = Filter.of(model, domain);
    if (filter.kind === 'refused') {
      return listed(filter.problems);
    }
    const [first] = records.values();
    const problems = filter.value.problemsWith(first?.columns ?? new Map<string, Column>());
    if (problems.length > 0) {
      return listed(problems);
    }
    return [...records]
      .filter(([, { change, columns }]) => filter.value.holdsFor(new Subject(change), columns))
      .map(([id]) => id)
      .sort((one, other) => one - other);
  }

  it('have the same answers here, record by record', () => {
    const wrong = answered
      .map((given) => ({ ...given, answer: answerOf(given) }))
      .filter(({ answer, ids }) => typeof answer !== 'string' && answer.join() !== ids.join());
    expect(wrong).toEqual([]);
  });

  it('are refused where they ask for what a change does not carry, and only there', () => {
    const refusals = answered.filter((given) => typeof answerOf(given) === 'string');
    const askingForMore = answered.filter(({ model, domain }) =>
      pathsOf(domain).some((path) => notCarried.has(`${model} ${path}`)),
    );
    expect(refusals).toEqual(askingForMore);
    for (const given of refusals) {
      expect(answerOf(given)).toMatch(/a change does not carry|has no captured field/);
    }
    expect(refusals.length).toBeLessThan(answered.length / 2);
  });
});

/** What the recorded domains ask for and changes do not carry: relations without a declared part or text. */
const notCarried = new Set([
  'account.move line_ids',
  'account.move line_ids.debit',
  'product.template categ_id.name',
  'product.template taxes_id',
  'product.template taxes_id.amount',
  'res.partner country_id.code',
  'res.partner parent_id.name',
  'sale.order partner_id.is_company',
  'sale.order.line order_id.amount_total',
  'sale.order.line order_id.state',
  'sale.order.line product_id.default_code',
  'stock.quant location_id.usage',
  'stock.quant product_id.default_code',
]);

function pathsOf(domain: readonly unknown[]): string[] {
  return domain.flatMap((term) => (Array.isArray(term) ? [String(term[0])] : []));
}
