import { mkdir, rm } from 'node:fs/promises';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { scenarios } from '../../web/dev/scenario.ts';
import { tabs } from '../../web/src/state/view.ts';
import { type ConsoleOptions, newPage, openConsole, startStage } from './open.ts';

/**
 * `npm run screenshots`: every tab in both themes at both widths, well and degraded, and every state of the first screen, of made data, into a folder that git
 * ignores. `-- <word>` takes only those with the word in their name. To be looked at before a change of anything visible is called done.
 */

const FOLDER = fileURLToPath(new URL('../browser/screenshots/', import.meta.url));
const themes = ['dark', 'light'] as const;
const widths = [1440, 768] as const;
const HEIGHT = 900;

/** What is asked at first has been answered and drawn. */
const SETTLED_MS = 300;

interface Shot {
  readonly name: string;
  readonly options: ConsoleOptions;
}

const shots: readonly Shot[] = themes.flatMap((colorScheme) =>
  widths.flatMap((width) => {
    const look = { colorScheme, viewport: { width, height: HEIGHT } };
    const end = `${colorScheme}-${width}`;
    const ofTabs = tabs.flatMap((tab) =>
      (['ok', 'degraded', 'empty', 'hostile'] as const).map((scenario) => ({
        name: `${tab}-${scenario}-${end}`,
        options: { ...look, scenario, path: `/command-center?tab=${tab}` },
      })),
    );
    const ofStates = scenarios.map((scenario) => ({
      name: `state-${scenario}-${end}`,
      options: { ...look, scenario, path: '/command-center?tab=golden&range=1h' },
    }));
    const ofViews = Object.entries({
      incident: 'tab=golden&incident=1&log=1',
      tables: 'tab=golden&table=1&range=1h',
      kiosk: 'tab=golden&kiosk=1&range=6h',
    }).map(([name, query]) => ({
      name: `view-${name}-${end}`,
      options: { ...look, scenario: 'degraded' as const, path: `/command-center?${query}` },
    }));
    return [...ofTabs, ...ofStates, ...ofViews];
  }),
);

const wanted = shots.filter(({ name }) => process.argv.slice(2).every((word) => name.includes(word)));
const stage = await startStage();
if (stage === null) throw new Error('no chromium, chromium-browser or google-chrome in PATH');
await rm(FOLDER, { recursive: true, force: true });
await mkdir(FOLDER, { recursive: true });
try {
  for (const { name, options } of wanted) {
    const page = await newPage(stage.browser, options);
    const { api } = await openConsole(page, stage.address, options);
    if (options.scenario !== 'loading') await page.waitForLoadState('networkidle');
    await api.settled();
    await page.waitForTimeout(SETTLED_MS);
    await page.screenshot({ path: `${FOLDER}${name}.png`, fullPage: true });
    await page.close();
    process.stdout.write(`${name}\n`);
  }
} finally {
  await stage.close();
}
