import { ServiceFailure } from '../../failure/service-failure.js';
import { Scratch } from '../../testing/scratch.js';
import { type ComposePlan, readComposeFile } from './compose-file.js';

function read(text: string, environment: Record<string, string> = {}): ComposePlan {
  using scratch = new Scratch();
  return readComposeFile(scratch.write('compose.yml', text), 'store', 9000, environment);
}

function refusal(text: string, environment: Record<string, string> = {}): string {
  try {
    read(text, environment);
  } catch (error) {
    if (error instanceof ServiceFailure && error.code === 'COMPOSE_FILE_INVALID') {
      return error.report.evidence.slice(1).join('\n');
    }
    throw error;
  }
  throw new Error('it was accepted');
}

const file = `
services:
  store:
    image: \${STORE_IMAGE:-quay.io/store:1.2}
    environment:
      ROOT_USER: admin
      ROOT_PASSWORD: \${PASSWORD:-secret}
      COUNT: 7
      FROM_OUTSIDE:
    ports:
      - '127.0.0.1:\${STORE_PORT:-9010}:9000'
      - '9001:9001'
`;

test('image, environment and ports come from the file, with its variables filled in', () => {
  const plan = read(file, { PASSWORD: 'better', FROM_OUTSIDE: 'here' });
  expect(plan.images).toEqual(['quay.io/store:1.2']);
  expect(plan.environment).toEqual({
    ROOT_USER: 'admin',
    ROOT_PASSWORD: 'better',
    COUNT: '7',
    FROM_OUTSIDE: 'here',
  });
  expect(plan).toMatchObject({ containerPort: 9000, preferredPort: 9010 });
});

test('a variable names another image, which no mirror is put before', () => {
  const environment = { STORE_IMAGE: 'mine:1', SERVICES_IMAGE_MIRROR: 'mirror.example' };
  expect(read(file, environment).images).toEqual(['mine:1']);
  expect(read(file, { SERVICES_IMAGE_MIRROR: 'mirror.example' }).images).toEqual([
    'mirror.example/quay.io/store:1.2',
  ]);
});

test('an environment may be written as a list', () => {
  const list = 'services: { store: { image: a, environment: [A=1, B=x=y, C, D] } }';
  expect(read(list, { C: 'outer' }).environment).toEqual({ A: '1', B: 'x=y', C: 'outer' });
});

test('an anchor and a merge key mean what they mean to compose', () => {
  const merged = `
x-base: &base { environment: { A: one } }
services:
  store: { <<: *base, image: a }
`;
  expect(read(merged).environment).toEqual({ A: 'one' });
});

test('what is built from a Dockerfile is not pulled', () => {
  const built = 'services: { store: { build: ., image: mine }, other: { image: b } }';
  expect(read(built).images).toEqual(['b']);
});

test.each([
  ['9000', 9000, 9000],
  ['9010:9000', 9000, 9010],
  ['127.0.0.1:9010:9000', 9000, 9010],
  ['127.0.0.1::9000', 9000, 9000],
  ['[::1]:9010:9000/tcp', 9000, 9010],
  ['9010:9123', 9123, 9010],
  ['{ target: 9000, published: 9010 }', 9000, 9010],
  ['{ target: 9000 }', 9000, 9000],
])('of the port %s, the container has %i and this machine %i', (port, containerPort, preferredPort) => {
  const written = port.startsWith('{') ? port : `'${port}'`;
  expect(read(`services: { store: { image: a, ports: [ ${written} ] } }`)).toMatchObject({
    containerPort,
    preferredPort,
  });
});

test('without a port the standard one is published', () => {
  expect(read('services: { store: { image: a } }')).toMatchObject({
    containerPort: 9000,
    preferredPort: 9000,
  });
});

test.each([
  ['services: [', 'line 1: '],
  ['services:\n  store:\n  image: a\n   x: 1', 'line 3: '],
  ['', 'the file: '],
  ['services: 1', 'services: '],
  ['services: {}', 'it has no service "store" (it has: none)'],
  ['services: { shop: { image: a }, x: { image: b } }', 'it has no service "store" (it has: shop, x)'],
  ['services: { store: { command: x } }', 'services.store names no image'],
  ['services: { store: { image: "${NONE}" } }', 'services.store.image: the name of an image is missing'],
  ['services: { store: { image: "${NONE:?say it}" } }', 'services.store.image: NONE must be set: say it'],
  ['services: { store: { image: "a$" } }', 'services.store.image: a "$" must be followed'],
  ['services: { store: { image: [a] } }', 'services.store.image: '],
  ['services: { store: { image: a, environment: { A: [1] } } }', 'services.store.environment'],
  [
    'services: { store: { image: a, ports: ["9000-9005:9000-9005"] } }',
    'services.store.ports has no single port',
  ],
])('%j is refused with the place and the reason', (text, reason) => {
  expect(refusal(text)).toContain(reason);
});

test.each([
  'services: { store: { image: a, environment: { PASSWORD: "pa$5word" } } }',
  'services:\n  store:\n    image: a\n    environment: { PASSWORD: pa55word',
])('no value is shown, which may be a password: %j', (text) => {
  expect(refusal(text)).not.toMatch(/5word/);
});

test('a file that is not there is refused with its name', () => {
  const reading = (): unknown => readComposeFile('/nowhere/compose.yml', 'store', 1, {});
  expect(reading).toThrow(/COMPOSE_FILE_INVALID/);
  expect(reading).toThrow(
    expect.objectContaining({ cause: expect.objectContaining({ code: 'ENOENT' }) }) as Error,
  );
});
