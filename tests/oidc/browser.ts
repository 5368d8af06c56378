/** Goes through the provider's pages as a person with a browser does: it keeps cookies, follows redirects, fills in forms. */
export interface Person {
  /** Signs in as `login`, gives consent, and answers the address that the provider sends the browser to in the end. */
  signIn(location: string, login: string): Promise<string>;
  /** Declines on the first page. */
  decline(location: string): Promise<string>;
}

/** More steps than any flow has. */
const maxSteps = 20;

/** `issuer`: whose pages these are; the first redirect to another origin ends the walk. */
export function newPerson(issuer: string): Person {
  const cookies = new Map<string, string>();
  const visit = async (url: string, form?: URLSearchParams): Promise<Response> => {
    const headers = { Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
    const body = form === undefined ? {} : { method: 'POST', body: form };
    const answer = await fetch(url, { ...body, headers, redirect: 'manual' });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    return answer;
  };
  const walk = async (location: string, next: (html: string) => [string, URLSearchParams?]): Promise<string> => {
    let [url, form]: [string, URLSearchParams?] = [location];
    for (let step = 0; step < maxSteps; step++) {
      const answer = await visit(url, form);
      const to = answer.headers.get('location');
      if (to === null) [url, form] = next(await answer.text());
      else [url, form] = [new URL(to, url).href, undefined];
      if (!url.startsWith(`${issuer}/`)) return url;
    }
    throw new Error(`the provider's pages never ended; the last was ${url}`);
  };
  return {
    signIn: (location, login) =>
      walk(location, (html) => {
        const action = /<form[^>]* action="([^"]+)"/.exec(html)?.[1];
        const prompt = /name="prompt" value="(\w+)"/.exec(html)?.[1];
        if (action === undefined || prompt === undefined) throw new Error(`no form in ${html.slice(0, 2000)}`);
        return [action, new URLSearchParams({ prompt, login, password: 'any' })];
      }),
    decline: (location) =>
      walk(location, (html) => {
        const abort = /href="([^"]+\/abort)"/.exec(html)?.[1];
        if (abort === undefined) throw new Error(`nothing to decline in ${html.slice(0, 2000)}`);
        return [abort];
      }),
  };
}
