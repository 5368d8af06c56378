import process from 'node:process';
import { checkedApp } from './checked.ts';
import { readContext } from './context.ts';
import { CommandCenterStack } from './stack.ts';

/** What `npx cdk deploy` runs (cdk.json): the stack of the context's shape. */

const app = checkedApp();
try {
  const context = readContext((key) => app.node.tryGetContext(key));
  new CommandCenterStack(app, context);
  app.synth();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
