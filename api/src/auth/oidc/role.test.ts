import { describe, expect, test } from 'vitest';
import { holdsRole } from './role.ts';

const role = (claim: string, value = 'system-admin') => ({ claim, value });

describe('who is a system admin (interfaces.md §2)', () => {
  test.each([
    ['a text', { role: 'system-admin' }, role('role')],
    ['one of a list', { roles: ['user', 'system-admin'] }, role('roles')],
    ['a path', { realm_access: { roles: ['system-admin'] } }, role('realm_access.roles')],
    [
      'a longer path',
      { resource_access: { console: { roles: ['system-admin'] } } },
      role('resource_access.console.roles'),
    ],
    ['a name with dots', { 'https://example.com/roles': ['system-admin'] }, role('https://example.com/roles')],
    [
      'a path that begins with one',
      { 'https://example.com/app': { roles: 'system-admin' } },
      role('https://example.com/app.roles'),
    ],
    ['the whole name before its parts', { 'a.b': 'system-admin', a: { b: 'user' } }, role('a.b')],
    ['a boolean', { admin: true }, role('admin', 'true')],
    ['a number', { groups: [7, 42] }, role('groups', '42')],
    ['a scope', { scope: 'openid observability:read' }, role('scope', 'observability:read')],
    ['a scope of Entra ID', { scp: 'read admin' }, role('scp', 'admin')],
    ['a value with a space', { groups: ['System Admins'] }, role('groups', 'System Admins')],
  ])('holds: %s', (_what, claims, wanted) => {
    expect(holdsRole(claims, wanted)).toBe(true);
  });

  test.each([
    ['nothing', {}, role('roles')],
    ['another value', { roles: ['user'] }, role('roles')],
    ['a beginning', { roles: ['system-admin-of-another-system'] }, role('roles')],
    ['another case', { roles: ['System-Admin'] }, role('roles')],
    ['one word of a text', { role: 'not a system-admin' }, role('role')],
    ['one word in a list', { roles: ['not a system-admin'] }, role('roles')],
    ['a list within a list', { roles: [['system-admin']] }, role('roles')],
    ['a member of that name', { roles: { 'system-admin': true } }, role('roles')],
    ['null', { roles: null }, role('roles', 'null')],
    ['an object as text', { roles: {} }, role('roles', '[object Object]')],
    ['what every object has', {}, role('constructor.name', 'Object')],
    ['the length of a list', { roles: ['user'] }, role('roles.length', '1')],
    ['a text on the path', { realm_access: 'system-admin' }, role('realm_access.roles')],
    ['the parts of a name that is there', { 'a.b': 'user', a: { b: 'system-admin' } }, role('a.b')],
    ['an empty step', { a: { b: 'system-admin' } }, role('a..b')],
  ])('does not: %s', (_what, claims, wanted) => {
    expect(holdsRole(claims, wanted)).toBe(false);
  });
});
