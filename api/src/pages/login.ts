import { escaped, type Page, pageOf } from './page.ts';

/**
 * The page of a login link: takes the token out of the fragment, exchanges it once by POST, and goes on to the console. `signInPath`: where an identity
 * provider is asked instead.
 */
export function loginPage(signInPath: string | undefined): Promise<Page> {
  const signIn =
    signInPath === undefined ? '' : `\n<p><a href="${escaped(signInPath)}">Sign in</a>, or use a login link:</p>`;
  return pageOf(
    'Log in · Command Center',
    `<h1>Command Center</h1>${signIn}
<p id="state" role="status">Logging in…</p>
<noscript><p>Logging in needs JavaScript: the token in the link is never sent with the page's address.</p></noscript>`,
    script,
  );
}

const script = `
const state = document.getElementById('state');
const token = new URLSearchParams(location.hash.slice(1)).get('token');
history.replaceState(null, '', location.pathname);
async function logIn() {
  if (!token) {
    state.textContent = 'You are not logged in. Open the login link that Command Center printed when it started; it works once, for 15 minutes. Restart it for a new one.';
    return;
  }
  try {
    const answer = await fetch('/login', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ token }) });
    if (answer.ok) { location.replace('/command-center'); return; }
    const problem = await answer.json();
    state.textContent = problem.detail;
  } catch {
    state.textContent = 'Command Center does not answer. Is it still running?';
  }
}
logIn();
`;
