import { Scratch } from '../../testing/scratch.js';
import { type ComposePlan, readComposeFile } from './compose-file.js';
import { composeDocument, environmentLines, runArguments } from './container-command.js';

const project = {
  name: 'sqlflow-key-store-1',
  labels: { 'sqlflow.services.project': 'sqlflow-key-store-1' },
};
const publication = { address: '127.0.0.1', port: 9010 };

function plan(text: string, environment: Record<string, string> = {}): ComposePlan {
  using scratch = new Scratch();
  return readComposeFile(scratch.write('compose.yml', text), 'store', 9000, environment);
}

const alone = plan(`
services:
  store:
    image: store:1
    command: [serve, --save, '']
    environment: { USER: admin, PASSWORD: se=cret }
    ports: ['9000:9000', '9001:9001']
    shm_size: 256m
    tmpfs: [/data]
    restart: always
    network_mode: bridge
`);

test('a service that is one container is run by the command line itself', () => {
  expect(runArguments(alone, project, publication, '/env')).toEqual([
    ...['run', '--pull', 'never', '--name', 'sqlflow-key-store-1', '--network', 'bridge'],
    ...['--label', 'sqlflow.services.project=sqlflow-key-store-1'],
    ...['--publish', '127.0.0.1:9010:9000', '--env-file', '/env', '--shm-size', '256m', '--tmpfs', '/data'],
    ...['store:1', 'serve', '--save', ''],
  ]);
});

test('the environment, which holds passwords, goes by a file and not by arguments', () => {
  expect(runArguments(alone, project, publication, '/env')?.join(' ')).not.toContain('cret');
  expect(environmentLines(alone)).toBe('USER=admin\nPASSWORD=se=cret\n');
});

test.each([
  ['several services', 'services: { store: { image: a, network_mode: bridge }, b: { image: b } }'],
  ['volumes of the file', 'services: { store: { image: a, network_mode: bridge } }\nvolumes: { v: }'],
  ['a network of its own', 'services: { store: { image: a } }'],
  [
    'a setting that is not known',
    'services: { store: { image: a, network_mode: bridge, cap_add: [SYS_TIME] } }',
  ],
  ['a command in one string', 'services: { store: { image: a, network_mode: bridge, command: a "b c" } }'],
  [
    'a variable in its command, which may be a secret',
    'services: { store: { image: a, network_mode: bridge, command: [serve, "--password=${PASSWORD:-x}"] } }',
  ],
  ['a Dockerfile', 'services: { store: { build: ., network_mode: bridge } }'],
  [
    'a value of two lines',
    'services: { store: { image: a, network_mode: bridge, environment: { A: "1\\n2" } } }',
  ],
])('a file with %s is left to compose', (_, text) => {
  expect(runArguments(plan(text), project, publication, '/env')).toBeUndefined();
});

test('a dollar sign in the command is no variable', () => {
  const dollar = plan(
    'services: { store: { image: a, network_mode: bridge, command: [sh, -c, "echo $$1"] } }',
  );
  expect(runArguments(dollar, project, publication, '/env')?.slice(-2)).toEqual(['-c', 'echo $1']);
});

const several = plan(`
name: fixed
services:
  store:
    image: store:1
    container_name: fixed
    restart: always
    command: echo $$HOME
    labels: [mine=1=2]
    ports: ['9000:9000', '9001:9001']
    depends_on: [helper]
  helper:
    image: helper:1
    labels: { also: mine }
    ports: ['80:80']
    networks: [shared]
networks:
  shared: { external: true }
volumes:
  data:
`);

test('compose is given the same file with labels on everything, and no port but the one of the service', () => {
  const document: unknown = JSON.parse(composeDocument(several, project, publication));
  expect(document).toEqual({
    services: {
      store: {
        image: 'store:1',
        command: 'echo $$HOME',
        labels: { mine: '1=2', ...project.labels },
        ports: ['127.0.0.1:9010:9000'],
        depends_on: ['helper'],
      },
      helper: { image: 'helper:1', labels: { also: 'mine', ...project.labels }, networks: ['shared'] },
    },
    networks: { default: { labels: project.labels }, shared: { external: true } },
    volumes: { data: { labels: project.labels } },
  });
});

test('compose is given the values of the environment that it does not have itself, and no name that has none', () => {
  const text =
    'services: { store: { image: a, environment: [A, B, C=1] }, b: { image: b, environment: { A: , E: "" } } }';
  const document: unknown = JSON.parse(composeDocument(plan(text, { A: 'a$b' }), project, publication));
  expect(document).toMatchObject({
    services: {
      store: { environment: { A: 'a$$b', C: '1' } },
      b: { environment: { A: 'a$$b', E: '' } },
    },
  });
  expect(document).not.toHaveProperty('services.store.environment.B');
});
