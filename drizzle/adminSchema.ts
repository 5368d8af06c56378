import { integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { bytea, count, instant } from './schema.ts';

/** The tables of identity (interfaces.md §2), beside those of telemetry in schema.ts. */

export const auditLog = pgTable(
  'admin_audit_log',
  {
    ts: instant().notNull(),
    actor: text().notNull(),
    action: text().notNull(),
    endpoint: text().notNull(),
    filters: jsonb().notNull().default({}),
    status: integer().notNull(),
    count: count().notNull().default(1),
  },
  (table) => [
    primaryKey({ columns: [table.ts, table.actor, table.action, table.endpoint, table.filters, table.status] }),
  ],
);

export const tickets = pgTable('admin_tickets', {
  hash: bytea().primaryKey(),
  kind: text({ enum: ['login', 'live'] }).notNull(),
  subject: text().notNull(),
  expires_at: instant().notNull(),
  /** When the identity ends that asked for it; null = at no time of its own. */
  identity_ends_at: instant(),
});
