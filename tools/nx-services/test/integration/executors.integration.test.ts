import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { scratchNxWorkspace } from './scratch-nx-workspace.js';

/** What an executor printed as JSON: Nx prints its own lines around it. */
function jsonIn(output: string): unknown {
  return JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1));
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

test('up keeps services until down, and status tells of them without their accounts', async () => {
  await using workspace = scratchNxWorkspace([]);
  const up = await workspace.nx('run', 'services:up', '--services=postgres,redis', '--ports.redis=0')
    .finished;
  expect(up).toMatchObject({ exitCode: 0 });
  expect(up.output).toMatch(/postgres +local +127\.0\.0\.1:\d+ +postgres@postgres +PostgreSQL 15/);
  expect(up.output).toContain('services:down');

  const status = await workspace.nx('run', 'services:status', '--json').finished;
  expect(status).toMatchObject({ exitCode: 0 });
  const { services } = jsonIn(status.output) as {
    services: { service: string; phase: string; address?: string }[];
  };
  expect(services.map(({ service, phase }) => [service, phase])).toEqual([
    ['postgres', 'running'],
    ['redis', 'running'],
  ]);
  expect(status.output).not.toContain('password');
  const port = Number(services[1]?.address?.split(':')[1]);
  await expect(answers(port)).resolves.toBe(true);

  const logs = await workspace.nx('run', 'services:logs', '--service=redis').finished;
  expect(logs.output).toContain('Ready to accept connections');
  expect(logs.output).not.toContain('postgres.log');

  const down = await workspace.nx('run', 'services:down').finished;
  expect(down).toMatchObject({ exitCode: 0 });
  expect(down.output).toContain('Stopped: postgres, redis.');
  await workspace.untilNothingRemains();
  await expect(answers(port)).resolves.toBe(false);
  const after = await workspace.nx('run', 'services:status').finished;
  expect(after.output).toContain('No service of this workspace runs.');
});

test('doctor says for every service and provider what is available, also as JSON', async () => {
  await using workspace = scratchNxWorkspace([]);
  const { exitCode, output } = await workspace.nx('run', 'services:doctor', '--json').finished;
  expect(exitCode).toBe(0);
  const found = jsonIn(output) as {
    services: { service: string; provider: string; available: boolean }[];
    missing: string[];
  };
  expect(found.missing).toEqual([]);
  expect(found.services.map(({ service, provider }) => `${service} ${provider}`)).toEqual([
    'postgres local',
    'postgres docker',
    'postgres external',
    'object-store local',
    'object-store docker',
    'object-store external',
    'redis local',
    'redis docker',
    'redis external',
  ]);
  expect(workspace.remains()).toEqual([]);
});

test.each([
  [
    'an unknown service',
    ['services:up', '--services=mysql'],
    /UNKNOWN_SERVICE[\s\S]*"mysql"[\s\S]*postgres, object-store, redis/,
  ],
  ['an unknown option', ['services:up', '--sevices=redis'], /'sevices' is not found in schema/],
  ['an unknown provider', ['services:up', '--provider=dokcer'], /dokcer/],
  ['a service that is not there to show logs of', ['services:logs', '--service=mysql'], /UNKNOWN_SERVICE/],
  ['a port that is none', ['services:up', '--ports.redis=99999'], /99999|65535/],
])('%s is refused with what was given and what is allowed', async (_, args, message) => {
  await using workspace = scratchNxWorkspace([]);
  const { exitCode, output } = await workspace.nx('run', ...args).finished;
  expect(output).toMatch(message);
  expect(exitCode).toBe(1);
  expect(workspace.remains()).toEqual([]);
});

test('a project that declares a service that there is not is named with its file', async () => {
  await using workspace = scratchNxWorkspace([{ name: 'odd', services: ['kafka'], test: '' }]);
  const { exitCode, output } = await workspace.nx('run', 'odd:integration').finished;
  expect(exitCode).not.toBe(0);
  expect(output).toMatch(/kafka/);
  expect(output).toMatch(/odd\/package\.json/);
});

test('install says that nothing is missing where nothing is', async () => {
  await using workspace = scratchNxWorkspace([]);
  const { exitCode, output } = await workspace.nx('run', 'services:install').finished;
  expect(exitCode).toBe(0);
  expect(output).toContain('Nothing is missing.');
});

test('every schema describes each of its options and refuses any other', () => {
  const folder = join(import.meta.dirname, '../../schemas');
  for (const name of ['up', 'down', 'status', 'logs', 'doctor', 'install']) {
    const schema = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as {
      additionalProperties: boolean;
      properties: Record<string, { description?: string }>;
    };
    expect(schema.additionalProperties).toBe(false);
    for (const option of Object.values(schema.properties)) expect(option.description).toMatch(/\.$/);
  }
});
