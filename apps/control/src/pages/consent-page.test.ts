import { describe, expect, it } from '@jest/globals';
import { scopes } from '../access/principal.js';
import { consentPage, type Consent } from './consent-page.js';

const consent: Consent = {
  applicationName: 'Shop <b>',
  applicationUrl: 'https://shop.example/about',
  scopes: ['subscriptions:read', 'replay'],
  databases: ['acme', 'globex'],
  models: ['sale.order'],
  companyIds: [1, 3],
  action: '/oauth/consent',
  csrf: 'the-token',
  hidden: { uid: '"quoted"' },
};

const textOf = (changes: Partial<Consent> = {}): string => consentPage({ ...consent, ...changes }).main.text;

describe('the consent page', () => {
  it('says who asks for what, in words for people', () => {
    const text = textOf();
    for (const part of ['Shop &lt;b&gt;', 'shop.example', 'acme, globex', 'sale.order', 'the ids 1, 3']) {
      expect(text).toContain(part);
    }
    expect(text).toContain('See its subscriptions');
    expect(text).toContain('Have data sent again');
    expect(text).not.toContain('Administer');
  });

  it('has words for every scope, and warns of the widest', () => {
    const text = textOf({ scopes });
    expect(text.match(/<li>/g)).toHaveLength(scopes.length);
    expect(text).toContain('This is full access.');
    expect(textOf()).not.toContain('This is full access.');
  });

  it('says "all" where nothing is left out, and "none" where nothing is given', () => {
    expect(textOf({ databases: null, models: null, companyIds: null })).toMatch(
      /<dd>all<\/dd>[\s\S]*all that are captured[\s\S]*<dd>all<\/dd>/,
    );
    expect(textOf({ models: [], companyIds: [], databases: [] }).match(/<dd>none<\/dd>/g)).toHaveLength(3);
  });

  it('posts the decision with what is sent along', () => {
    const text = textOf();
    expect(text).toContain('method="post" action="/oauth/consent"');
    expect(text).toContain('name="csrf" value="the-token"');
    expect(text).toContain('name="uid" value="&quot;quoted&quot;"');
    expect(text).toMatch(/name="decision" value="allow"[\s\S]*name="decision" value="deny"/);
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'not a URL', ''])('makes no link of %j', (url) => {
    expect(textOf({ applicationUrl: url })).not.toContain('<a ');
  });
});
