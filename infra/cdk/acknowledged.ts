import { type Stack, Validations } from 'aws-cdk-lib';
import type { Context } from './context.ts';

/** What cdk-nag finds and stays. */
export interface Acknowledged {
  /** Of the construct in the stack. */
  readonly path: string;
  readonly rule: string;
  readonly reason: string;
  /** Where it is found; both unless given. */
  readonly shape?: Context['shape'];
}

const rotation =
  'It is changed by hand (docs/runbook.md, "Changing a secret"): who shows it must learn it first, and a rotation that AWS starts by itself would lose what senders send meanwhile.';
const ownNetwork =
  "The rule cannot read a network that CloudFormation looks up; it is the VPC's own, and the test of the stack allows no 0.0.0.0/0.";
const ofLambda =
  'Its two managed policies let a function write its log and have interfaces in the VPC; AWS takes no narrower resource for interfaces that do not exist yet.';

export const acknowledged: readonly Acknowledged[] = [
  { path: 'LiveGroup/Resource', rule: 'EC23', reason: ownNetwork },
  { path: 'OtlpGroup/Resource', rule: 'EC23', reason: ownNetwork },
  ...['Postgres/Secret', 'OtlpToken', 'AdminToken', 'SessionSecret', 'OriginSecret'].map((secret) => ({
    path: `${secret}/Resource`,
    rule: 'SMG4',
    reason: rotation,
  })),
  {
    path: 'Postgres/Resource',
    rule: 'RDS3',
    shape: 'dev',
    reason: 'The small shape has one zone; senders hold what comes while it is away.',
  },
  {
    path: 'Postgres/Resource',
    rule: 'RDS10',
    shape: 'dev',
    reason: 'The small shape is made to be thrown away; a final snapshot is taken all the same.',
  },
  {
    path: 'Postgres/Resource',
    rule: 'RDS11',
    reason: 'Another port hides nothing: only the groups of API and tasks reach it, over TLS and with a password.',
  },
  {
    path: 'Task/Resource',
    rule: 'ECS2',
    reason:
      'None of these variables is a secret; those come from Secrets Manager, which a test holds the templates against.',
  },
  {
    path: 'Task/ExecutionRole/DefaultPolicy/Resource',
    rule: 'IAM5[Resource::*]',
    reason: 'ecr:GetAuthorizationToken, which AWS takes for no narrower resource.',
  },
  {
    path: 'Api/ServiceRole/Resource',
    rule: 'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
    reason: ofLambda,
  },
  {
    path: 'Api/ServiceRole/Resource',
    rule: 'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole]',
    reason: ofLambda,
  },
  {
    path: 'Api/ServiceRole/DefaultPolicy/Resource',
    rule: 'IAM5[Resource::<Exports25637AFB.Arn>/exports/*]',
    reason: 'Objects below exports/ have names that are made when they are written.',
  },
  {
    path: 'Site/Resource',
    rule: 'CFR1',
    reason: 'Who is on call travels; identity decides who comes in, not the country.',
  },
  {
    path: 'Site/Resource',
    rule: 'CFR2',
    reason:
      'A web ACL is named by the context webAclArn where there is one: it lies in us-east-1, and is often shared.',
  },
];

/** Tells cdk-nag of them; one that is not found any more is refused by the test of the stack. */
export function explain(stack: Stack, shape: Context['shape']): void {
  for (const { path, rule, reason, shape: only } of acknowledged) {
    if (only !== undefined && only !== shape) continue;
    const construct = path.split('/').reduce((at, name) => at.node.findChild(name), stack as Stack['node']['root']);
    Validations.of(construct).acknowledge({ id: `AwsSolutions::AwsSolutions-${rule}`, reason });
  }
}
