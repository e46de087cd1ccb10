import { describe, expect, test } from 'vitest';
import { checkRights, expiresInDays, isOperator, type Needs } from '../../../src/core/plan/rights.ts';

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

  test('are told with what is missing, and by what to get it', () => {
    const has = (clearance: string, permissions = {}) => certificate(clearance, permissions);
    expect(checkRights(ADMIN, undefined, NOW).message).toBe(
      'The server of connection "prod" requires no certificate.',
    );
    expect(checkRights(ADMIN, has('ValidUser', { Other: 'Admin' }), NOW).message).toBe(
      'The certificate of connection "prod" has no right on "Shop" (clearance ValidUser). The source needs Admin on "Shop": edit the certificate on that server.',
    );
    expect(checkRights(ADMIN, has('ValidUser', { Shop: 'Read' }), NOW).message).toContain(
      'has Read on "Shop"',
    );
    expect(checkRights(OPERATOR, has('ValidUser', { Shop: 'Admin' }), NOW).message).toBe(
      'The certificate of connection "prod" has Admin on "Shop" (clearance ValidUser). "Shop" does not exist, and only clearance Operator may create it: give the certificate that clearance, or create the sharded database by hand and give the certificate Admin on it.',
    );
  });

  test('do not expire soon two weeks ahead', () => {
    const day = 24 * 60 * 60_000;
    const until = (end: number) => ({ SecurityClearance: 'Operator', NotAfter: new Date(end).toISOString() });
    expect(expiresInDays(until(NOW + 14 * day + 1), NOW)).toBeUndefined();
    expect(expiresInDays(until(NOW + 14 * day), NOW)).toBe(14);
    expect(expiresInDays(until(NOW - day), NOW)).toBe(0);
    expect(expiresInDays({ SecurityClearance: 'Operator' }, NOW)).toBeUndefined();
    expect([isOperator(undefined), isOperator(until(NOW)), isOperator(certificate('ValidUser'))]).toEqual([
      true,
      true,
      false,
    ]);
  });
});
