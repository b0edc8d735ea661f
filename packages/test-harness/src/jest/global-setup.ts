import type { ServiceLease } from '@sqlflow/service-runtime';
import { sweepPostgres } from '../lease/database.js';
import { leaseForJest } from './lease-for-jest.js';
import { dropLeftWarm } from './left-warm.js';

/** The parts of Jest's configuration that are looked at. */
interface GlobalConfig {
  readonly projects: readonly unknown[];
}

interface ProjectConfig {
  readonly rootDir: string;
}

/** Jest gives its set-up and its tear-down nothing to share but this process. */
let lease: ServiceLease | undefined;

/** What the variables were, for the next run in watch mode: it must not take our endpoints for somebody's servers. */
const before = new Map<string, string | undefined>();

/** Jest's `globalSetup`: leases the services that the project declares, once for all its workers. */
export default async function setUp(globalConfig: GlobalConfig, projectConfig: ProjectConfig): Promise<void> {
  const folders = globalConfig.projects.filter((project) => typeof project === 'string');
  lease = await leaseForJest([projectConfig.rootDir, ...folders], {
    environment: process.env,
    setVariable: (name, value) => {
      before.set(name, before.has(name) ? before.get(name) : process.env[name]);
      setVariable(name, value);
    },
    print: (text) => process.stderr.write(`${text}\n`),
  });
}

/** Jest's `globalTeardown`: gives them back. */
export async function tearDown(): Promise<void> {
  await dropLeftWarm();
  // Our own servers are swept by the next run, if there is one.
  const isForeign = lease?.offers.some(
    ({ service, provider }) => service === 'postgres' && provider === 'external',
  );
  if (isForeign === true) await sweepPostgres();
  await lease?.[Symbol.asyncDispose]();
  lease = undefined;
  for (const [name, value] of before) setVariable(name, value);
  before.clear();
}

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}
