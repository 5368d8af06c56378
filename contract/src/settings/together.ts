import { isLoopback } from '../loopback.ts';
import type { SettingProblem } from './problems.ts';
import type { SettingValues } from './rows.ts';

/** What no single variable can know: combinations that are refused (interfaces.md §3, §5). */
export function checkTogether(settings: SettingValues): SettingProblem[] {
  return [...openDoor(settings), ...halfTls(settings), ...samePort(settings), ...littleMemory(settings)];
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
