import { takenPort } from '@command-center/sidecar/receive/testing/recordingExporter';
import { describe, expect, it } from 'vitest';
import { failedStart } from '../processes/sidecar.ts';

describe('a wrong setting stops the start with a line that names variable, value and what is allowed', () => {
  it.each([
    { variable: 'COMMAND_CENTER_OTLP_HTTP_PORT', value: 'seventy', allowed: /65535|65_535|65,535/ },
    { variable: 'COMMAND_CENTER_LOG_MESSAGES', value: 'everything', allowed: /redacted.*none|none.*redacted/ },
    { variable: 'COMMAND_CENTER_MEMORY_LIMIT_BYTES', value: '-1', allowed: /allowed is/ },
  ])('$variable=$value', async ({ variable, value, allowed }) => {
    const { code, stderr } = await failedStart({ [variable]: value });
    expect(code).toBe(1);
    const line = stderr.split('\n').find((each) => each.startsWith(variable));
    expect(line).toContain(`="${value}"`);
    expect(line).toMatch(allowed);
  });

  it('a misspelled variable is not passed over: it may be the one that locks the door', async () => {
    const { code, stderr } = await failedStart({ COMMAND_CENTER_OTLP_TOKE: 'secret' });
    expect(code).toBe(1);
    expect(stderr).toContain('COMMAND_CENTER_OTLP_TOKE: unknown; the nearest known one is COMMAND_CENTER_OTLP_TOKEN');
    expect(stderr).not.toContain('secret');
  });

  it.each(['COMMAND_CENTER_SIDECAR_PORT', 'COMMAND_CENTER_OTLP_GRPC_PORT', 'COMMAND_CENTER_OTLP_HTTP_PORT'])(
    'a port that is taken: %s',
    async (variable) => {
      const taken = await takenPort();
      const { code, stderr } = await failedStart({
        COMMAND_CENTER_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
        [variable]: String(taken.port),
      });
      await taken.close();
      expect(code).toBe(1);
      expect(stderr).toContain(`${variable}: port ${taken.port} is taken`);
    },
  );

  it('a standalone sidecar without a database says which variable is missing and what else there is', async () => {
    const { code, stderr } = await failedStart({});
    expect(code).toBe(1);
    expect(stderr).toMatch(/^COMMAND_CENTER_DATABASE_URL: .*npm start/m);
  });
});
