import { type Environment, SettingsError } from '@command-center/contract/settings/settings';
import { z } from 'zod';

/** `aws-secret:arn:aws:secretsmanager:…`, with `#key` behind it for one member of a secret that is JSON. */
const prefix = 'aws-secret:';
/** Milliseconds for all secrets: the extension caches, and an answer of Secrets Manager takes tens. */
const deadlineMs = 5_000;
/** GetSecretValue, as far as it is read. */
const answer = z.object({ SecretString: z.string() });
const members = z.record(z.string(), z.union([z.string(), z.number()]));

/**
 * The environment with what it names in AWS Secrets Manager in place of the names, so that no secret stands in the configuration of a function. Each
 * secret is asked for once, by the AWS Parameters and Secrets Lambda Extension, which answers on loopback with the rights of the function.
 * Source: AWS Secrets Manager user guide, "Use AWS Secrets Manager secrets in AWS Lambda functions".
 * @throws SettingsError (rejects) that names the variable and what was the matter, and no value.
 */
export async function withAwsSecrets(environment: Environment): Promise<Environment> {
  const named = Object.entries(environment).filter(([, value]) => value?.startsWith(prefix) === true);
  if (named.length === 0) return environment;
  const port = environment.PARAMETERS_SECRETS_EXTENSION_HTTP_PORT ?? '2773';
  const headers = { 'X-Aws-Parameters-Secrets-Token': environment.AWS_SESSION_TOKEN ?? '' };
  const signal = AbortSignal.timeout(deadlineMs);
  const asked = new Map<string, Promise<string>>();
  const ask = async (arn: string): Promise<string> => {
    const url = `http://localhost:${port}/secretsmanager/get?secretId=${encodeURIComponent(arn)}`;
    const response = await fetch(url, { headers, signal });
    if (!response.ok) throw new Error(`the secrets extension answered ${response.status}`);
    return answer.parse(await response.json()).SecretString;
  };
  const found = await Promise.all(
    named.map(async ([variable, value = '']): Promise<[string, string]> => {
      const [arn = '', key] = value.slice(prefix.length).split('#', 2);
      const whole = asked.get(arn) ?? ask(arn);
      asked.set(arn, whole);
      try {
        return [variable, key === undefined ? await whole : memberOf(await whole, key)];
      } catch (error) {
        const allowed = `its secret ${arn} could not be read: ${error instanceof Error ? error.message : String(error)}`;
        throw new SettingsError([{ variable, shown: '', allowed }]);
      }
    }),
  );
  return { ...environment, ...Object.fromEntries(found) };
}

function memberOf(text: string, key: string): string {
  const parsed = members.safeParse(parseJson(text));
  const member = parsed.success ? parsed.data[key] : undefined;
  if (member === undefined) throw new Error(`it has no member ${JSON.stringify(key)}`);
  return String(member);
}

/** Its own words would quote the secret. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
