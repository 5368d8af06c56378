/** A block of commands of a page, as a reader finds it. */
export interface Commands {
  /** Of the page, from 1. */
  readonly line: number;
  /** Headings above it, the nearest last, without their marks. */
  readonly section: readonly string[];
  readonly text: string;
  /** What it cannot be run without, where the page says so. */
  readonly needs: string | undefined;
}

/** What a machine of ours may lack for good; all else must be run. */
const accounts = ['an AWS account', 'a Cloudflare account'];

/** The `sh` blocks of a page in their order. @throws Error for a mark that names no account, or that stands before no block. */
export function commandsOf(page: string): Commands[] {
  const found: Commands[] = [];
  const section: string[] = [];
  let needs: string | undefined;
  let block: string[] | undefined;
  let isCommands = false;
  for (const [index, line] of page.split('\n').entries()) {
    if (block !== undefined) {
      if (line !== '```') block.push(line);
      else {
        if (isCommands) {
          found.push({ line: index + 1 - block.length, section: [...section], text: block.join('\n'), needs });
          needs = undefined;
        }
        block = undefined;
      }
      continue;
    }
    const [, marks = '', heading = ''] = /^(#{1,6}) (.*)$/.exec(line) ?? [];
    if (marks !== '') section.splice(marks.length - 1, section.length, heading);
    if (line.startsWith('```')) [block, isCommands] = [[], line === '```sh'];
    else if (needs !== undefined && line.trim() !== '') throw new Error(`line ${index + 1}: a mark before no commands`);
    const [, named] = /^<!-- needs: (.*) -->$/.exec(line) ?? [];
    if (named !== undefined && !accounts.includes(named)) throw new Error(`line ${index + 1}: ${named} is no account`);
    needs = named ?? needs;
  }
  return found;
}
