import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { lookupOnce } from './names.ts';
import { answers, fails, type Probe, type ProbeResult } from './probe.ts';
import { wordsOf } from './words.ts';

/** GET of the URL: 2xx is fine. A redirect is not followed, since it says nothing of the service; the body is not read. */
export function httpProbe(url: string): Probe {
  const target = new URL(url);
  const request = target.protocol === 'https:' ? tlsRequest : plainRequest;
  const headers = { 'user-agent': 'command-center-probe', accept: '*/*' };
  return (signal) =>
    new Promise((resolve) => {
      const get = request(target, { agent: false, headers, lookup: lookupOnce, signal });
      const end = (status: number | undefined): void => {
        resolve(resultOf(status ?? 0));
        get.destroy();
      };
      get.on('response', (response) => end(response.statusCode));
      get.on('upgrade', (response) => end(response.statusCode));
      get.on('error', (error) => resolve(fails(wordsOf(error))));
      get.end();
    });
}

function resultOf(status: number): ProbeResult {
  const words = `GET answers ${status}`;
  const hundreds = Math.floor(status / 100);
  if (hundreds === 2) return answers(words);
  return fails(hundreds === 3 ? `${words}, a redirect, which is not followed` : words);
}
