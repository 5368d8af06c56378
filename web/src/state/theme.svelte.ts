type Theme = 'light' | 'dark';

/** public/theme.js reads it before the first paint. */
const key = 'command-center-theme';
const system = matchMedia('(prefers-color-scheme: dark)');

let chosen = $state<Theme | null>(readTheme(document.documentElement.dataset.theme));
let ofSystem = $state<Theme>(system.matches ? 'dark' : 'light');
system.addEventListener('change', () => {
  ofSystem = system.matches ? 'dark' : 'light';
});

function readTheme(text: string | undefined): Theme | null {
  return text === 'light' || text === 'dark' ? text : null;
}

export const theme = {
  get now(): Theme {
    return chosen ?? ofSystem;
  },
};

/** Changes to the other theme and keeps the choice in this browser. */
export function toggleTheme(): void {
  chosen = theme.now === 'dark' ? 'light' : 'dark';
  document.documentElement.dataset.theme = chosen;
  try {
    localStorage.setItem(key, chosen);
  } catch {
    // Without storage the choice holds until the page is left.
  }
}
