import { isLoopback } from '../loopback.ts';
import { withPassword } from './databaseUrl.ts';
import type { SettingProblem } from './problems.ts';
import type { SettingValues } from './rows.ts';

/** What no single variable can know: combinations that are refused (interfaces.md §3, §5). */
export function checkTogether(settings: SettingValues): SettingProblem[] {
  return [
    ...strayPassword(settings),
    ...openDoor(settings),
    ...previousTokenAlone(settings),
    ...weakSecrets(settings),
    ...halfTls(settings),
    ...samePort(settings),
    ...littleMemory(settings),
    ...issuerAddress(settings),
    ...halfIdentity(settings),
    ...noBucket(settings),
    ...twoContracts(settings),
  ];
}

/** Which of two passwords is meant nobody can know. The all-in-one hands both variables on, the URL with the password in it. */
function strayPassword({ databaseUrl, databasePassword }: SettingValues): SettingProblem[] {
  if (databasePassword === undefined) return [];
  const problem = (variable: string, allowed: string): SettingProblem[] => [{ variable, shown: '', allowed }];
  if (databaseUrl === undefined)
    return problem('COMMAND_CENTER_DATABASE_URL', 'must be set, because COMMAND_CENTER_DATABASE_PASSWORD is');
  const { username = '', password } = URL.canParse(databaseUrl) ? new URL(databaseUrl) : {};
  if (username === '' || password === undefined)
    return problem('COMMAND_CENTER_DATABASE_URL', 'must name a user, because COMMAND_CENTER_DATABASE_PASSWORD is set');
  if (password === '' || password === new URL(withPassword(`postgres://${username}@host`, databasePassword)).password)
    return [];
  return problem('COMMAND_CENTER_DATABASE_PASSWORD', 'leave it unset: COMMAND_CENTER_DATABASE_URL names another one');
}

function openDoor(settings: SettingValues): SettingProblem[] {
  const { otlpHost, otlpToken, otlpTlsClientCa, otlpAllowInsecure } = settings;
  if (isLoopback(otlpHost) || otlpAllowInsecure || otlpToken !== undefined || otlpTlsClientCa !== undefined) return [];
  return [
    {
      variable: 'COMMAND_CENTER_OTLP_HOST',
      shown: `=${JSON.stringify(otlpHost)}`,
      allowed:
        'another address than loopback needs COMMAND_CENTER_OTLP_TOKEN, COMMAND_CENTER_OTLP_TLS_CLIENT_CA, or COMMAND_CENTER_OTLP_ALLOW_INSECURE=true',
    },
  ];
}

/** A bearer token that can be guessed is none. Characters: 16 of letters and digits are 95 bits. */
const minTokenLength = 16;

/** What is reached from other machines has a token worth the name; on loopback anything may be tried. */
function weakSecrets(settings: SettingValues): SettingProblem[] {
  const weak = (variable: string, value: string | undefined, minLength: number): SettingProblem[] => {
    if (value === undefined) return [];
    const shown = `=*** (${value.length} characters)`;
    const where = 'on another address than loopback allowed is';
    if (value.length < minLength)
      return [{ variable, shown, allowed: `${where} a random text of at least ${minLength} characters` }];
    if (isPlaceholder(value)) return [{ variable, shown, allowed: `${where} a random text, not a placeholder` }];
    return [];
  };
  const { otlpHost, otlpToken, otlpTokenPrevious, host, adminToken, sessionSecret } = settings;
  return [
    ...weakPassword(settings),
    ...(isLoopback(otlpHost)
      ? []
      : [
          ...weak('COMMAND_CENTER_OTLP_TOKEN', otlpToken, minTokenLength),
          ...weak('COMMAND_CENTER_OTLP_TOKEN_PREVIOUS', otlpTokenPrevious, 1),
        ]),
    ...(isLoopback(host)
      ? []
      : [
          ...weak('COMMAND_CENTER_ADMIN_TOKEN', adminToken, 1),
          ...weak('COMMAND_CENTER_SESSION_SECRET', sessionSecret, 1),
        ]),
  ];
}

/** Of a database on another machine; one without a password may know its users by certificates. */
function weakPassword({ databaseUrl, databasePassword }: SettingValues): SettingProblem[] {
  if (databaseUrl === undefined || !URL.canParse(databaseUrl)) return [];
  const { hostname, password } = new URL(databaseUrl);
  const text = databasePassword ?? decodeURIComponent(password);
  const isTriedFirst = /^(pass.?word|postgres|secret|admin|change.?me)\d*$/i.test(text);
  if (!isTriedFirst || hostname === '' || isLoopback(hostname)) return [];
  const variable = databasePassword === undefined ? 'COMMAND_CENTER_DATABASE_URL' : 'COMMAND_CENTER_DATABASE_PASSWORD';
  const allowed = 'the password of a database on another machine is a random text, not what everybody tries first';
  return [{ variable, shown: '', allowed }];
}

/** `change-me-…`, and a few characters again and again. */
function isPlaceholder(value: string): boolean {
  return (
    /change.?(me|this)|replace.?(me|this)|your.?(token|secret)|example|placeholder/i.test(value) ||
    new Set(value).size < 5
  );
}

/** It would be the only one; whoever forgets it there would have a token that the documents call an old one. */
function previousTokenAlone({ otlpToken, otlpTokenPrevious }: SettingValues): SettingProblem[] {
  if (otlpTokenPrevious === undefined || otlpToken !== undefined) return [];
  const allowed = 'must be set, because COMMAND_CENTER_OTLP_TOKEN_PREVIOUS is';
  return [{ variable: 'COMMAND_CENTER_OTLP_TOKEN', shown: '', allowed }];
}

function halfTls({ otlpTlsCert, otlpTlsKey, otlpTlsClientCa }: SettingValues): SettingProblem[] {
  const missing = (variable: string, other: string): SettingProblem => ({
    variable,
    shown: '',
    allowed: `must be set, because ${other} is`,
  });
  const cert = 'COMMAND_CENTER_OTLP_TLS_CERT';
  const key = 'COMMAND_CENTER_OTLP_TLS_KEY';
  if (otlpTlsCert !== undefined && otlpTlsKey === undefined) return [missing(key, cert)];
  if (otlpTlsKey !== undefined && otlpTlsCert === undefined) return [missing(cert, key)];
  if (otlpTlsClientCa !== undefined && otlpTlsCert === undefined)
    return [missing(cert, 'COMMAND_CENTER_OTLP_TLS_CLIENT_CA')];
  return [];
}

const oidc = (name: string): string => `COMMAND_CENTER_OIDC_${name}`;

/** OpenID Connect Discovery 1.0 §3: https, without query and fragment. Plain HTTP never leaves the machine. */
function issuerAddress({ oidcIssuer }: SettingValues): SettingProblem[] {
  if (oidcIssuer === undefined) return [];
  const { protocol, hostname, search, hash, username, password } = new URL(oidcIssuer);
  const refused = (allowed: string): SettingProblem[] => [
    { variable: oidc('ISSUER'), shown: `=${JSON.stringify(`${protocol}//${hostname}`)}`, allowed },
  ];
  if (protocol === 'http:' && !isLoopback(hostname))
    return refused('allowed is https://; plain http:// is for a provider on loopback');
  if (`${search}${hash}${username}${password}` !== '')
    return refused('allowed is an address without query, fragment and credentials');
  return [];
}

/** Half an identity would let nobody in, or anybody whom the issuer knows. */
function halfIdentity(settings: SettingValues): SettingProblem[] {
  const missing = (name: string, other: string): SettingProblem => ({
    variable: oidc(name),
    shown: '',
    allowed: `must be set, because ${oidc(other)} is`,
  });
  const { oidcIssuer, oidcAudience, oidcAdminClaim, oidcAdminValue, oidcClientId, oidcClientSecret } = settings;
  const needed = { AUDIENCE: oidcAudience, ADMIN_CLAIM: oidcAdminClaim, ADMIN_VALUE: oidcAdminValue };
  const problems: SettingProblem[] = [];
  if (oidcIssuer !== undefined) {
    for (const [name, value] of Object.entries(needed)) if (value === undefined) problems.push(missing(name, 'ISSUER'));
  } else {
    const given = { ...needed, CLIENT_ID: oidcClientId, CLIENT_SECRET: oidcClientSecret };
    const [other] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
    if (other !== undefined) problems.push(missing('ISSUER', other));
  }
  if (oidcClientSecret !== undefined && oidcClientId === undefined)
    problems.push(missing('CLIENT_ID', 'CLIENT_SECRET'));
  return problems;
}

function samePort({ otlpGrpcPort, otlpHttpPort }: SettingValues): SettingProblem[] {
  if (otlpGrpcPort !== otlpHttpPort || otlpGrpcPort === 0) return [];
  const allowed = 'allowed is another port than COMMAND_CENTER_OTLP_GRPC_PORT';
  return [{ variable: 'COMMAND_CENTER_OTLP_HTTP_PORT', shown: `=${otlpHttpPort}`, allowed }];
}

/** A request of the largest size is always admitted when nothing else is in flight (design §5). */
function littleMemory({ memoryLimitBytes, otlpMaxBodyBytes }: SettingValues): SettingProblem[] {
  if (memoryLimitBytes >= otlpMaxBodyBytes) return [];
  const allowed = `allowed is at least ${otlpMaxBodyBytes}, the value of COMMAND_CENTER_OTLP_MAX_BODY_BYTES`;
  return [{ variable: 'COMMAND_CENTER_MEMORY_LIMIT_BYTES', shown: `=${memoryLimitBytes}`, allowed }];
}

/** An endpoint or a region without a bucket would silently do nothing. */
function noBucket({ exportBucket, exportEndpoint, exportRegion }: SettingValues): SettingProblem[] {
  if (exportBucket !== undefined || (exportEndpoint === undefined && exportRegion === undefined)) return [];
  const other = exportEndpoint === undefined ? 'COMMAND_CENTER_EXPORT_REGION' : 'COMMAND_CENTER_EXPORT_ENDPOINT';
  return [{ variable: 'COMMAND_CENTER_EXPORT_BUCKET', shown: '', allowed: `must be set, because ${other} is` }];
}

function twoContracts({ contract, contractYaml }: SettingValues): SettingProblem[] {
  if (contract === undefined || contractYaml === undefined) return [];
  const allowed = 'allowed is one of this and COMMAND_CENTER_CONTRACT';
  return [{ variable: 'COMMAND_CENTER_CONTRACT_YAML', shown: '', allowed }];
}
