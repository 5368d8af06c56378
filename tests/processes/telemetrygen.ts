import { placesOf } from '../collector/programs.ts';
import { startProgram } from './child.ts';

/** Runs the collector's load generator to its end. `target`: `host:port` of OTLP/gRPC. @throws with its log where it fails. */
export async function telemetrygen(
  signal: 'metrics' | 'logs' | 'traces',
  target: string,
  service: string,
  flags: readonly string[],
): Promise<void> {
  const own = ['--otlp-endpoint', target, '--otlp-insecure', '--service', service, '--rate', '0', ...flags];
  const { child, handle } = startProgram(placesOf('telemetrygen').binary, [signal, ...own], {});
  let stdout = '';
  handle.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const { code, stderr } = await child.ended();
  if (code !== 0) throw new Error(`telemetrygen ${signal} ended with ${code}:\n${stdout}${stderr}`);
}
