import { describe, expect, test } from 'vitest';
import { checkRights, type Needs } from '../../../src/core/plan/rights.ts';

const NOW = Date.parse('2026-11-25T00:00:00Z');
const ADMIN: Needs = { side: 'source', connection: 'prod', database: 'Shop', right: 'Admin' };
const OPERATOR: Needs = { ...ADMIN, side: 'target', right: 'Operator' };

function certificate(SecurityClearance: string, Permissions = {}, NotAfter = '2027-11-25T00:00:00.0000000') {
  return { SecurityClearance, Permissions, NotAfter };
}

describe('the rights of a certificate', () => {
  test('do not matter where none is asked for', () => {
    expect(checkRights(OPERATOR, undefined, NOW).status).toBe('ok');
  });

  test.each([
    [ADMIN, certificate('ClusterNode'), 'ok'],
    [ADMIN, certificate('ClusterAdmin'), 'ok'],
    [ADMIN, certificate('Operator'), 'ok'],
    [ADMIN, certificate('ValidUser', { shop: 'Admin' }), 'ok'],
    [ADMIN, certificate('ValidUser', { Shop: 'ReadWrite' }), 'blocker'],
    [ADMIN, certificate('ValidUser', { Shop: 'Read' }), 'blocker'],
    [ADMIN, certificate('ValidUser', { Other: 'Admin' }), 'blocker'],
    [OPERATOR, certificate('Operator'), 'ok'],
    [OPERATOR, certificate('ValidUser', { Shop: 'Admin' }), 'blocker'],
  ])('$side needs $right, has %j', (needs, has, status) => {
    const check = checkRights(needs, has, NOW);
    expect(check).toMatchObject({ name: `rights on the ${needs.side}`, status });
    if (status === 'blocker') expect(check.message).toMatch(/needs Admin on "Shop"|only clearance Operator/);
  });

  test.each([
    ['2026-12-01T00:00:00.0000000', 'warning', 'expires in 6 days'],
    ['2026-11-24T00:00:00.0000000', 'warning', 'expires in 0 days'],
    ['2026-12-20T00:00:00.0000000', 'ok', 'Operator'],
  ])('until %s: %s', (notAfter, status, words) => {
    const check = checkRights(OPERATOR, certificate('Operator', {}, notAfter), NOW);
    expect(check).toMatchObject({ status, message: expect.stringContaining(words) });
  });
});
