import { createServer } from 'node:http';

/**
 * The AWS Parameters and Secrets Lambda Extension as a function meets it, with the answers of GetSecretValue in its recorded form. Source: AWS Secrets
 * Manager user guide, "Use AWS Secrets Manager secrets in AWS Lambda functions"; API reference, "GetSecretValue".
 */
export async function startSecretsExtension(
  secrets: Readonly<Record<string, string>>,
  sessionToken: string,
): Promise<{ readonly port: number; readonly asked: readonly string[]; stop(): Promise<void> }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const arn = searchParams.get('secretId') ?? '';
    asked.push(arn);
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.headers['x-aws-parameters-secrets-token'] !== sessionToken) return answer(401, {});
    const text = pathname === '/secretsmanager/get' ? secrets[arn] : undefined;
    if (text === undefined) return answer(400, { __type: 'ResourceNotFoundException' });
    answer(200, {
      ARN: arn,
      CreatedDate: '2026-11-27T19:00:00Z',
      Name: arn.split(':').at(-1),
      SecretBinary: null,
      SecretString: text,
      VersionId: '2b2e1e7a-0f6e-4c0a-9d3a-6f5d9d7a1c11',
      VersionStages: ['AWSCURRENT'],
      ResultMetadata: {},
    });
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    asked,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
