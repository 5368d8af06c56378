import process from 'node:process';
import { z } from 'zod';

/** `node standIn.ts ADDRESS PROGRAM ARGUMENTS…`: asks the test at that address what the program would have done (host.ts), and says and ends as that does. */

const outcome = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() });
const [, , address = '', program, ...args] = process.argv;
const answer = await fetch(address, {
  method: 'POST',
  body: JSON.stringify({ program, args, folder: process.cwd() }),
});
const { code, stdout, stderr } = outcome.parse(await answer.json());
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = code;
