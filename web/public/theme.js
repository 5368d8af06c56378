// Before the first paint, so that the page never shows the other theme first. src/state/theme.svelte.ts writes the key.
try {
  const theme = localStorage.getItem('command-center-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's theme holds.
}
