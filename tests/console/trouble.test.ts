import { describe, expect } from 'vitest';
import type { How } from './api.ts';
import type { OpenConsole } from './open.ts';
import { openTab, type Section, sections } from './sections.ts';
import { consoleTest as it } from './stage.ts';

const internal: How = {
  status: 500,
  body: {
    type: 'urn:command-center:problem:internal',
    title: 'Internal error',
    status: 500,
    detail: 'The log of the API has the details under this time.',
  },
};
/** Each with what a section then says. */
const hows: readonly (readonly [How, RegExp])[] = [
  [internal, /Command Center could not answer\./],
  [{ body: { items: 7, verdict: [] } }, /not what this console understands/],
  ['unreachable', /Command Center does not answer\./],
  [{ text: '{"items": [', type: 'application/json' }, /not what this console understands/],
  [{ text: '<h1>Bad gateway</h1>', status: 502 }, /Something else than Command Center/],
];
const endpoints = [...new Set(sections.map(({ endpoint }) => endpoint))];

/** A section whose endpoint fails says the words and draws nothing; any other is drawn. */
async function look({ page }: OpenConsole, section: Section, failing: string, words: RegExp): Promise<void> {
  const part = page.locator(section.part);
  if (section.endpoint !== failing) {
    await part.locator(section.data).first().waitFor();
    return;
  }
  await part.filter({ hasText: words }).waitFor();
  expect([section.name, await part.locator(section.data).count()]).toEqual([section.name, 0]);
}

/** console.md, "States": one endpoint that fails leaves every other section alive. */
describe.concurrent.for(endpoints)('%s alone fails', (endpoint) => {
  const own = sections.filter((section) => section.endpoint === endpoint);

  it('it never answers: its sections load, and all others live', async ({ open }) => {
    const console = await open({ path: '/command-center?range=1h', answers: { [endpoint]: 'never' } });
    for (const section of sections) {
      const { tab } = section;
      if (tab !== null && (await console.page.locator(`[data-tab="${tab}"]`).count()) === 0)
        await openTab(console.page, tab);
      await look(console, section, endpoint, /Loading…/);
    }
  });

  it('errors, nonsense, HTML, or no server: its sections say which, and all others live', async ({ open }) => {
    const tab = own.find((section) => section.tab !== null)?.tab ?? 'intake';
    const console = await open({ path: `/command-center?range=1h&tab=${tab}`, answers: { [endpoint]: internal } });
    for (const [how, words] of hows) {
      console.api.answers = { [endpoint]: how };
      await console.page.keyboard.press('r');
      for (const section of sections)
        if (section.tab === null || section.tab === tab) await look(console, section, endpoint, words);
    }
  });

  it('it is asked again by itself, and its sections fill', async ({ open }) => {
    const [section] = own;
    if (section === undefined) throw new Error(endpoint);
    const { page, api, advance } = await open({
      path: `/command-center?range=1h&tab=${section.tab ?? 'intake'}`,
      answers: { [endpoint]: internal },
      isClockHeld: true,
    });
    // Charts say it once above them.
    const said = section.endpoint === '/trends' ? '[data-tab="golden"]' : section.part;
    await page.locator(said).getByText('Retrying in').first().waitFor();
    api.answers = {};
    await advance(1_000);
    await advance(1_500);
    await page.locator(section.part).locator(section.data).first().waitFor();
  });
});
