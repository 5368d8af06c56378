import type { RedactionRule } from './rule.ts';
import { credentialRules } from './rules/credentials.ts';
import { deviceRules } from './rules/devices.ts';
import { encodedRule } from './rules/encoded.ts';
import { keyedFieldRule, keyedSegmentRule } from './rules/keyedFields.ts';
import { longSecretRules } from './rules/longSecrets.ts';
import { namedRules } from './rules/named.ts';
import { peopleRules } from './rules/people.ts';
import { spokenRules } from './rules/spoken.ts';
import { stackTraceRules } from './rules/stackTraces.ts';
import { statementRules } from './rules/statements.ts';
import { urlRules } from './rules/urls.ts';

/** What is sought in plain text; its order is that of `redactionRules`. */
const plainRules: readonly RedactionRule[] = [
  ...credentialRules.filter((rule) => rule.name === 'pem'),
  ...stackTraceRules,
  ...statementRules,
  ...urlRules,
  ...credentialRules.filter((rule) => rule.name !== 'pem'),
  ...spokenRules,
  keyedFieldRule,
  ...peopleRules,
  ...deviceRules,
  ...namedRules,
  ...longSecretRules,
];

/**
 * Every rule, in the order in which they are applied: what spans much (blocks, traces, statements, URLs, fields) before what stands inside
 * it, known forms before mere suspicion, so that a match is counted under the rule that says most about it.
 */
export const redactionRules: readonly RedactionRule[] = [...plainRules, encodedRule(plainRules)];

/** The same for identifiers, in which a colon without a space stands between segments and names no field: `/keys:rotate`. */
export const identifierRules: readonly RedactionRule[] = redactionRules.map((rule) =>
  rule === keyedFieldRule ? keyedSegmentRule : rule,
);
