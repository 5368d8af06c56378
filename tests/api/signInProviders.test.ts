import { afterEach, describe, expect, test } from 'vitest';
import { newPerson } from '../oidc/browser.ts';
import { type ProviderOptions, startProvider, type TestProvider } from '../oidc/provider.ts';
import { begin, comeBack } from '../oidc/signingIn.ts';
import { openStage, origin, type Stage } from './stage.ts';

let provider: TestProvider;
let stage: Stage;
async function open(options: ProviderOptions = {}, now: number | (() => number) = Date.now()): Promise<void> {
  provider = await startProvider({ ...options, redirectUris: [`${origin}/auth/callback`] });
  stage = await openStage(now, provider.environment);
}
afterEach(async () => {
  await stage.close();
  await provider.close();
});

async function statusOf(login = 'alice', meanwhile: () => Promise<void> = async () => undefined): Promise<number> {
  const { location, cookie } = await begin(stage);
  await meanwhile();
  const url = await newPerson(provider.issuer).signIn(location, login);
  return (await comeBack(stage, url, cookie)).status;
}

describe('providers are set up in several ways', () => {
  test('the role may stand in the ID token: userinfo is not asked', async () => {
    await open({ inIdToken: true });
    expect(await statusOf()).toBe(200);
    expect(provider.asked).not.toContain('/me');
    expect(await statusOf('bob')).toBe(403);
  });

  test('or in userinfo alone', async () => {
    await open();
    expect(await statusOf()).toBe(200);
    expect(provider.asked).toContain('/me');
    expect(await statusOf('bob')).toBe(403);
  });

  test('the console may be a public client', async () => {
    await open({ isPublic: true });
    expect(await statusOf()).toBe(200);
  });
});

describe('the ID token is verified like any other', () => {
  test('with a new key, once it is looked for', async () => {
    let ahead = 0;
    await open({}, () => Date.now() + ahead);
    await statusOf();
    const replaced = async () => {
      await provider.rotate();
      ahead += 11_000;
    };
    expect(await statusOf('alice', replaced)).toBe(200);
  });

  test('with a key that is not known the sign-in fails', async () => {
    await open();
    await statusOf();
    // The clock stands still, so the pause in which no new keys are looked for never ends.
    expect(await statusOf('alice', () => provider.rotate())).toBe(400);
    expect(stage.logged[0]?.fields).toEqual({ code: 'id_token_not_verified' });
  });
});
