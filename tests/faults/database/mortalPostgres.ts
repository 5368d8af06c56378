import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { migrate } from '@command-center/drizzle/migrate';
import { type EmbeddedPostgres, startPostgres } from '@command-center/infra/local/postgres';
import postgres from 'postgres';
import { childrenOf } from '../../processes/descendants.ts';
import { chosenPostgres } from '../../processes/postgresPrograms.ts';

/** A real server with the durability of a default Postgres, and all of its processes in the test's hands. */
export class MortalPostgres {
  readonly #folder: string;
  readonly #binaries: string | undefined;
  #server: EmbeddedPostgres;
  #hasEnded = false;

  private constructor(folder: string, binaries: string | undefined, server: EmbeddedPostgres) {
    this.#folder = folder;
    this.#binaries = binaries;
    this.#server = server;
    this.#watch();
  }

  /** In a new folder below `parent`. `binaries`: of another server than the other tests have. */
  static async start(parent = tmpdir(), binaries = chosenPostgres): Promise<MortalPostgres> {
    const folder = await mkdtemp(join(parent, 'command-center-faults-'));
    // Its server runs as another user.
    await chmod(folder, 0o755);
    return new MortalPostgres(folder, binaries, await launch(folder, binaries));
  }

  get port(): number {
    return this.#server.port;
  }

  /** Migrated. Its URL holds until the next crash, which changes the port. */
  async newDatabase(name: string): Promise<string> {
    const sql = postgres(this.#server.url, { max: 1, onnotice: () => undefined });
    await sql.unsafe(`CREATE DATABASE ${name}`);
    await sql.end();
    await migrate(this.urlOf(name));
    return this.urlOf(name);
  }

  urlOf(database: string): string {
    const url = new URL(this.#server.url);
    url.pathname = `/${database}`;
    return url.href;
  }

  /** SIGKILL to every process of the server at once, as from a loss of power that spares the disk; then its recovery. */
  async crash(): Promise<void> {
    this.#signalAll('SIGKILL');
    await this.#server.ended;
    await this.#restart();
  }

  /** Starts it again where it has given up by itself, as it does when it cannot write its log. */
  async recover(): Promise<void> {
    if (this.#hasEnded) await this.#restart();
  }

  async #restart(): Promise<void> {
    this.#server = await launch(this.#folder, this.#binaries);
    this.#watch();
  }

  #watch(): void {
    this.#hasEnded = false;
    void this.#server.ended.then(() => {
      this.#hasEnded = true;
    });
  }

  /** SIGSTOP: no process answers and none closes its connections. */
  freeze(): void {
    this.#signalAll('SIGSTOP');
  }

  thaw(): void {
    this.#signalAll('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Each backend leads a process group of its own, so the group of the first does not reach them. */
  #signalAll(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    const { pid } = this.#server;
    for (const each of [...childrenOf(pid), pid]) {
      try {
        process.kill(each, signal);
      } catch {
        // Ended meanwhile.
      }
    }
  }
}

function launch(dataDir: string, binaries: string | undefined): Promise<EmbeddedPostgres> {
  return startPostgres({ dataDir, ...(binaries === undefined ? {} : { binaries }) });
}
