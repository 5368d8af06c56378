import type { Connect, Plugin } from 'vite';
import { answer, base } from './answers.ts';
import { isScenario, scenarios } from './scenario.ts';

/**
 * Answers the API's paths with made data, so that every state of the console can be looked at without a database: `npm run dev:states -w web`,
 * then open `/states/<name>`. The choice is kept in a cookie.
 */
export function fixtures(): Plugin {
  const serve = ({ middlewares }: { middlewares: Connect.Server }): void => {
    middlewares.use((request, response, next) => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const [, state, name] = url.pathname.split('/');
      if (state === 'states' && name !== undefined && isScenario(name)) {
        response.writeHead(302, { 'Set-Cookie': `state=${name}; Path=/`, Location: `/${url.search}` }).end();
        return;
      }
      if (state === 'states') {
        response.writeHead(200, { 'Content-Type': 'text/html' });
        response.end(scenarios.map((one) => `<p><a href="/states/${one}">${one}</a></p>`).join(''));
        return;
      }
      if (!url.pathname.startsWith(base)) return next();
      const chosen = /(?:^|; )state=([a-z-]+)/.exec(request.headers.cookie ?? '')?.[1] ?? 'ok';
      const scenario = isScenario(chosen) ? chosen : 'ok';
      const { status, body } = answer(url.pathname.slice(base.length), url.searchParams, scenario);
      if (scenario === 'loading') return;
      response.writeHead(status, { 'Content-Type': status === 200 ? 'application/json' : 'application/problem+json' });
      response.end(JSON.stringify(body));
    });
  };
  return {
    name: 'fixtures',
    configureServer: serve,
    configurePreviewServer: serve,
  };
}
