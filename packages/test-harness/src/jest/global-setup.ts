import type { ServiceLease } from '@sqlflow/service-runtime';
import { leaseForJest } from './lease-for-jest.js';

/** The parts of Jest's configuration that are looked at. */
interface GlobalConfig {
  readonly projects: readonly unknown[];
}

interface ProjectConfig {
  readonly rootDir: string;
}

/** Jest gives its set-up and its tear-down nothing to share but this process. */
let lease: ServiceLease | undefined;

/** Jest's `globalSetup`: leases the services that the project declares, once for all its workers. */
export default async function setUp(globalConfig: GlobalConfig, projectConfig: ProjectConfig): Promise<void> {
  const folders = globalConfig.projects.filter((project) => typeof project === 'string');
  lease = await leaseForJest([projectConfig.rootDir, ...folders], {
    environment: process.env,
    setVariable: (name, value) => {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    },
    print: (text) => process.stderr.write(`${text}\n`),
  });
}

/** Jest's `globalTeardown`: gives them back. */
export async function tearDown(): Promise<void> {
  await lease?.[Symbol.asyncDispose]();
  lease = undefined;
}
