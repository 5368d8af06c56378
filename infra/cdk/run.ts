import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { checkedApp } from './checked.ts';
import { readContext, sampleContext } from './context.ts';
import { shapes } from './shapes.ts';
import { CommandCenterStack } from './stack.ts';

/** `npm run synth`: both shapes with made-up names, without an account, into cdk.out; a deployment's own by `npx cdk synth` (docs/aws.md). */

const folder = fileURLToPath(new URL('../../cdk.out', import.meta.url));
rmSync(folder, { recursive: true, force: true });
for (const shape of Object.keys(shapes)) {
  const outdir = join(folder, shape);
  mkdirSync(outdir, { recursive: true });
  const app = checkedApp({ outdir, context: { ...sampleContext, shape } });
  new CommandCenterStack(
    app,
    readContext((key) => app.node.tryGetContext(key)),
  );
  const { stacks } = app.synth();
  for (const { templateFile, template } of stacks)
    process.stdout.write(
      `${shape}: ${Object.keys(template.Resources ?? {}).length} resources in cdk.out/${shape}/${templateFile}\n`,
    );
}
