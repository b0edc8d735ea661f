import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { later } from '../deadline.js';
import { keepsFailed, keepsLeases, nowMs } from '../events.js';
import { createDatabase, dropDatabase } from './create-database.js';
import { newLeaseName } from './owner.js';
import { sessionsOn } from './postgres-sessions.js';
import { thisProcess } from './process-identity.js';
import { WarmPool } from './warm-pool.js';

/**
 * What the test files of one process leave to each other: names of databases that are ready, by {@link keyOf}. The Jest
 * environment puts it into the global object of each file, and drops what is in it at the end. It holds texts alone, so
 * that no file keeps the modules of another in memory.
 */
export type LeftWarm = Map<string, { readonly server: PostgresEndpoint; readonly names: string[] }>;

export const leftWarmKey = Symbol.for('@sqlflow/test-harness/left-warm');

const pools = new Map<string, { readonly server: PostgresEndpoint; readonly pool: WarmPool }>();

/**
 * The pool of what is copied from a template that never changes: `template0`, or one that is built.
 * `undefined` where leases are to be kept: those of a killed run would stay for good.
 */
export function warmPool(server: PostgresEndpoint, template: string): WarmPool | undefined {
  if (keepsLeases() || keepsFailed()) return undefined;
  const key = keyOf(server, template);
  const found = pools.get(key)?.pool ?? new WarmPool(sourceOf(server, template), takeLeft(key));
  pools.set(key, { server, pool: found });
  return found;
}

/** Ends all pools. What is ready is left to the next file of this process, or dropped where there is none. */
export async function closePools(): Promise<void> {
  const left = leftWarm();
  const closing = [...pools].map(async ([key, { server, pool }]) => {
    const names = await pool.close();
    if (names.length === 0) return;
    if (left === undefined) await dropAll(server, names);
    else left.set(key, { server, names: [...(left.get(key)?.names ?? []), ...names] });
  });
  pools.clear();
  await Promise.all(closing);
}

/** Drops what the files of this process have left to none. */
export async function dropLeft(left: LeftWarm): Promise<void> {
  const all = [...left.values()];
  left.clear();
  await Promise.all(all.map(({ server, names }) => dropAll(server, names)));
}

async function dropAll(server: PostgresEndpoint, names: readonly string[]): Promise<void> {
  await sessionsOn(server).use(async (admin) => {
    for (const name of names) await dropDatabase(admin, name);
  });
}

function sourceOf(server: PostgresEndpoint, template: string) {
  const sessions = sessionsOn(server);
  return {
    create: async () => {
      const name = newLeaseName(await thisProcess(), '_', nowMs());
      await sessions.use((admin) => createDatabase(admin, { server, name, template, isOpen: false }));
      return name;
    },
    drop: (name: string) => sessions.use((admin) => dropDatabase(admin, name)),
    later,
  };
}

function takeLeft(key: string): readonly string[] {
  const left = leftWarm();
  const names = left?.get(key)?.names ?? [];
  left?.delete(key);
  return names;
}

function leftWarm(): LeftWarm | undefined {
  return (globalThis as { [leftWarmKey]?: LeftWarm })[leftWarmKey];
}

/** The account belongs to it: others may not open what it has created. */
function keyOf({ host, port, user }: PostgresEndpoint, template: string): string {
  return JSON.stringify([host, port, user, template]);
}
