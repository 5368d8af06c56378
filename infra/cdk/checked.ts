import { App, type AppProps, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';

/** Ways of CDK that are newer than its defaults. */
const flags = {
  // By policy in place of an access control list.
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
};

/** An app whose synthesis fails on what AWS' own rules find and nobody has explained. */
export function checkedApp({ context = {}, ...props }: AppProps = {}): App {
  const app = new App({ ...props, context: { ...flags, ...context } });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}
