import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { type EmbeddedPostgres, startPostgres } from '@command-center/infra/local/postgres';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missing } from '../collector/programs.ts';
import { audience, startProvider, type TestProvider } from '../oidc/provider.ts';
import { composePath, readCompose } from './compose.ts';
import { type Image, root } from './containerfile.ts';
import { type Call, type Host, openHost } from './host.ts';
import { type Commands, commandsOf } from './page.ts';
import { type Running, up } from './run.ts';
import { readVariables, startUnit, type UnitProcess } from './units.ts';

const page = commandsOf(readFileSync(join(root, 'docs/deployment.md'), 'utf8'));
const done = new Set<Commands>();
const noCollector = missing('otelcol');

/** Blocks below a heading, those below its own headings left out. */
const below = (heading: string): Commands[] => page.filter(({ section }) => section.at(-1) === heading);

/** What the page says of a host and a provider, and what is here in its place. */
let places: (readonly [string, string])[] = [];
const here = (text: string): string => places.reduce((said, [there, instead]) => said.replaceAll(there, instead), text);

/** A reader's terminal: runs the blocks below a heading, in their order. */
async function follow(host: Host, heading: string, variables: Readonly<Record<string, string>> = {}): Promise<string> {
  const blocks = below(heading);
  expect(blocks.length, `commands below "${heading}"`).toBeGreaterThan(0);
  let said = '';
  for (const block of blocks) {
    said += await host.run(here(block.text), variables);
    done.add(block);
  }
  return said;
}

/** What the image holds: that its own file makes it so is compose.test.ts's. */
function imageOf(folder: string): Image {
  cpSync(join(root, 'dist'), folder, { recursive: true });
  cpSync(join(root, 'infra/containers/healthy.mjs'), join(folder, 'healthy.mjs'));
  const authorities = execFileSync(process.execPath, [join(root, 'infra/containers/rdsAuthorities.ts')]);
  writeFileSync(join(folder, 'rds.pem'), authorities);
  const environment = { NODE_ENV: 'production', NODE_EXTRA_CA_CERTS: '/app/rds.pem' };
  return { folder, environment, command: [], healthcheck: [], user: '', base: '' };
}

/** What a clone has of what the commands touch. */
function fillClone({ clone }: Host): void {
  for (const part of ['infra/containers', 'infra/systemd', 'infra/collector'])
    cpSync(join(root, part), join(clone, part), { recursive: true, filter: (path) => !path.endsWith('/.env') });
}

/** Leaves the server as a distribution installs it: a superuser `postgres`, and neither role nor database of ours. Gives its address. */
async function asInstalled(url: string): Promise<string> {
  const address = new URL(url);
  const { username } = address;
  const asOwner = postgres(address.href, { max: 1 });
  await asOwner.unsafe(`CREATE ROLE postgres SUPERUSER LOGIN PASSWORD '${address.password}'`);
  await asOwner.end();
  [address.username, address.pathname] = ['postgres', '/postgres'];
  const asSuperuser = postgres(address.href, { max: 1 });
  await asSuperuser.unsafe(`DROP DATABASE ${username}`);
  await asSuperuser.unsafe(`ALTER ROLE ${username} RENAME TO initial`);
  await asSuperuser.end();
  return address.href;
}

let provider: TestProvider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider?.close());

const ofProvider = (): (readonly [string, string])[] => [
  ['https://id.example.com/realms/ops', provider.issuer],
  ['OIDC_AUDIENCE=command-center', `OIDC_AUDIENCE=${audience}`],
  ['COMMAND_CENTER_OIDC_AUDIENCE command-center', `COMMAND_CENTER_OIDC_AUDIENCE ${audience}`],
];

async function checkFirst(host: Host): Promise<void> {
  const said = await follow(host, 'First checks', { TOKEN: await provider.accessToken('automation') });
  expect(said.trim().split('\n')).toEqual([
    expect.stringContaining('"status":"ok"'),
    '401 without a token',
    expect.stringMatching(/^\{("partialSuccess":\{\})?\}$/),
    '"the first record"',
    '401 without an identity',
    expect.stringMatching(/^<title>.+<\/title>$/),
  ]);
}

describe('whoever follows docs/deployment.md has a system that is in use', { retry: 0, timeout: 120_000 }, () => {
  describe('in containers on one host', () => {
    let host: Host;
    let image: string;
    let running: Running | undefined;
    let ended: Record<string, number | null> = {};

    const compose = async ({ args, folder }: Call): Promise<string> => {
      const [command = '', flag, file = '', action = '', ...flags] = args;
      if (command !== 'compose' || flag !== '--file') throw new Error(`nothing stands in for docker ${args.join(' ')}`);
      if (`${action} ${flags.join(' ')}`.trim() === 'down') {
        ended = (await running?.down()) ?? {};
        running = undefined;
        return '';
      }
      if (`${action} ${flags.join(' ')}` !== 'up --detach --build --wait')
        throw new Error(`not known: ${action} ${flags}`);
      expect(resolve(folder, file)).toBe(join(host.clone, composePath));
      const variables = readVariables(join(dirname(resolve(folder, file)), '.env'));
      const { DATABASE_PASSWORD: databasePassword = '' } = variables;
      const without = noCollector === undefined ? [] : ['collector'];
      running = await up({ compose: readCompose(variables), image: imageOf(image), databasePassword, without });
      const door = noCollector === undefined ? 'collector' : 'sidecar';
      const at = (service: string, port: number) => new URL(running?.at(service, port) ?? '').host;
      places = [...ofProvider(), ['127.0.0.1:4319', at('api', 4319)], ['127.0.0.1:4318', at(door, 4318)]];
      return '';
    };

    beforeAll(async () => {
      image = mkdtempSync(join(tmpdir(), 'command-center-image-'));
      host = await openHost({ docker: compose });
      fillClone(host);
      places = ofProvider();
    });
    afterAll(async () => {
      await running?.down();
      await host?.close();
      rmSync(image, { recursive: true, force: true });
    });

    it("it starts with values that were made, in a file that is its owner's alone", async () => {
      await follow(host, 'Containers on one host');
      const env = join(host.clone, 'infra/containers/.env');
      expect(statSync(env).mode & 0o077).toBe(0);
      const { DATABASE_PASSWORD = '', OTLP_TOKEN = '', SESSION_SECRET = '' } = readVariables(env);
      for (const secret of [DATABASE_PASSWORD, OTLP_TOKEN, SESSION_SECRET]) expect(secret).toMatch(/^[0-9a-f]{64}$/);
      expect(new Set([DATABASE_PASSWORD, OTLP_TOKEN, SESSION_SECRET]).size).toBe(3);
    });

    it('it passes the first checks', () => checkFirst(host));

    it('it ends', async () => {
      await follow(host, 'Ending it');
      expect(ended).toEqual({ sidecar: 0, api: 0, ...(noCollector === undefined ? { collector: 0 } : {}) });
    });
  });

  describe('as processes under systemd', () => {
    let host: Host;
    let database: EmbeddedPostgres;
    let folder: string;
    /** Address of the database `postgres`, as whom `sudo -u postgres psql` is. */
    let superuser: string;
    const units: UnitProcess[] = [];

    const systemctl = async ({ args }: Call): Promise<string> => {
      const [action, ...rest] = args;
      if (action === 'daemon-reload') return '';
      if (action !== 'enable' || rest.shift() !== '--now') throw new Error(`not known: systemctl ${args.join(' ')}`);
      for (const name of rest) {
        const unit = join(host.root, 'etc/systemd/system', `${name}.service`);
        const started = await startUnit(unit, host.root, here);
        units.push(started);
        const { otlp, sidecar, console } = started.ready;
        const addresses = { 4318: otlp?.http, 4319: console, 4320: sidecar };
        for (const [port, url] of Object.entries(addresses))
          if (url !== undefined) places.push([`127.0.0.1:${port}`, new URL(url).host]);
      }
      return '';
    };
    /** `-c STATEMENT` each, as the superuser. */
    const psql = async ({ args }: Call): Promise<string> => {
      const sql = postgres(superuser, { max: 1, onnotice: () => undefined });
      try {
        for (const [index, word] of args.entries()) if (word !== '-c') await sql.unsafe(checked(args[index - 1], word));
      } finally {
        await sql.end();
      }
      return '';
    };
    const checked = (flag: string | undefined, word: string): string => {
      if (flag !== '-c') throw new Error(`psql: nothing stands in for ${word}`);
      return word;
    };
    /** That it builds: the run that this test is part of began with it. */
    const npm = async ({ args, folder: clone }: Call): Promise<string> => {
      if (args.join(' ') !== 'ci') throw new Error(`nothing stands in for npm ${args.join(' ')}`);
      cpSync(join(root, 'dist'), join(clone, 'dist'), { recursive: true });
      return '';
    };

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'command-center-database-'));
      mkdirSync(join(folder, 'data'));
      database = await startPostgres({ dataDir: join(folder, 'data') });
      superuser = await asInstalled(database.url);
      host = await openHost({ systemctl, psql, npm });
      fillClone(host);
      places = [
        ...ofProvider(),
        ...['/opt/command-center', '/etc/command-center', '/etc/systemd/system'].map(
          (path) => [path, join(host.root, path)] as const,
        ),
        ['127.0.0.1:5432', `127.0.0.1:${database.port}`],
      ];
    });
    afterAll(async () => {
      for (const unit of units.reverse()) await unit.stop();
      await host?.close();
      await database?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    it("it starts with values that were made, in a file that is root's alone", async () => {
      await follow(host, 'Processes under systemd');
      const env = join(host.root, 'etc/command-center/command-center.env');
      expect(statSync(env).mode & 0o077).toBe(0);
      expect(units).toHaveLength(2);
    });

    it('it passes the first checks', () => checkFirst(host));

    it('its units end what was accepted stored', async () => {
      const codes = [];
      for (const unit of units.splice(0).reverse()) codes.push(await unit.stop());
      expect(codes).toEqual([0, 0]);
    });
  });

  it('in AWS: what needs no account', async () => {
    const host = await openHost({
      npm: async ({ args }) => {
        if (args.join(' ') !== 'run synth') throw new Error(`nothing stands in for npm ${args.join(' ')}`);
        return execFileSync(process.execPath, ['infra/cdk/run.ts'], { cwd: root, encoding: 'utf8' });
      },
    });
    try {
      const blocks = below('AWS').filter(({ needs }) => needs === undefined);
      for (const block of blocks) {
        expect(await host.run(block.text)).toMatch(/^dev: \d+ resources in .*\nprod: /);
        done.add(block);
      }
    } finally {
      await host.close();
    }
  });

  it('no command of the page was left out that needs no account', () => {
    const left = page.filter((block) => block.needs === undefined && !done.has(block));
    expect(left.map(({ line, text }) => `line ${line}: ${text}`)).toEqual([]);
  });
});

describe('commands of a page', () => {
  it('stand below their headings, and what needs an account is marked', () => {
    const text = '# A\n```sh\none\n```\n## B\n<!-- needs: an AWS account -->\n\n```sh\ntwo\n```\n```yaml\nthree\n```\n';
    expect(commandsOf(text)).toEqual([
      { line: 3, section: ['A'], text: 'one', needs: undefined },
      { line: 9, section: ['A', 'B'], text: 'two', needs: 'an AWS account' },
    ]);
  });

  it.each([
    ['a mark that names no account', '<!-- needs: patience -->\n```sh\none\n```\n'],
    ['a mark before no commands', '<!-- needs: an AWS account -->\ntext\n'],
  ])('%s is refused', (_what, text) => {
    expect(() => commandsOf(text)).toThrow();
  });
});
