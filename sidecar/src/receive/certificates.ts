import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { Log } from '../log.ts';
import type { DoorOptions } from './door.ts';

export interface CertificateFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Authorities of client certificates; set = mTLS. */
  readonly clientCa: Buffer | undefined;
}

/** The door's certificates, read again while it runs so that a renewed one needs no restart. */
export interface Certificates {
  current(): CertificateFiles;
  /** Called after each change that is usable; what is half-written or does not fit its key is logged and left out. */
  onChange(listener: () => void): void;
  close(): void;
}

type TlsSettings = Pick<DoorOptions['settings'], 'otlpTlsCert' | 'otlpTlsKey' | 'otlpTlsClientCa'>;

/** undefined: no TLS. @throws where a file cannot be read or used, naming the variable. */
export async function openCertificates(
  settings: TlsSettings,
  log: Log,
  checkMs: number,
): Promise<Certificates | undefined> {
  if (settings.otlpTlsCert === undefined) return undefined;
  let files = await readCertificates(settings);
  const listeners: (() => void)[] = [];
  const check = async (): Promise<void> => {
    const next = await readCertificates(settings);
    if (isSame(files, next)) return;
    files = next;
    for (const listener of listeners) listener();
    log('certificates reloaded');
  };
  const timer = setInterval(() => {
    check().catch((error: unknown) => log('certificates not reloaded', { error: String(error) }));
  }, checkMs);
  timer.unref();
  return { current: () => files, onChange: (listener) => listeners.push(listener), close: () => clearInterval(timer) };
}

async function readCertificates({ otlpTlsCert, otlpTlsKey, otlpTlsClientCa }: TlsSettings): Promise<CertificateFiles> {
  const cert = await readNamed('COMMAND_CENTER_OTLP_TLS_CERT', otlpTlsCert ?? '');
  const key = await readNamed('COMMAND_CENTER_OTLP_TLS_KEY', otlpTlsKey ?? '');
  const clientCa =
    otlpTlsClientCa === undefined ? undefined : await readNamed('COMMAND_CENTER_OTLP_TLS_CLIENT_CA', otlpTlsClientCa);
  try {
    createSecureContext({ cert, key, ...(clientCa === undefined ? {} : { ca: clientCa }) });
  } catch (cause) {
    throw new Error(
      'COMMAND_CENTER_OTLP_TLS_CERT, _KEY or _CLIENT_CA is no PEM, or key and certificate do not belong together',
      { cause },
    );
  }
  return { cert, key, clientCa };
}

async function readNamed(variable: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new Error(`${variable}: the file ${path} cannot be read`, { cause });
  }
}

function isSame(before: CertificateFiles, after: CertificateFiles): boolean {
  const isSameCa =
    before.clientCa === undefined || after.clientCa === undefined
      ? before.clientCa === after.clientCa
      : before.clientCa.equals(after.clientCa);
  return isSameCa && before.cert.equals(after.cert) && before.key.equals(after.key);
}
