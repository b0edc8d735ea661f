import fc from 'fast-check';
import { Scratch } from '../testing/scratch.js';
import { composeVariables } from './compose-variables.js';

const compose = `services:
  postgres:
    image: \${SERVICES_IMAGE_MIRROR:-}\${POSTGRES_IMAGE:-postgres:17.2}
    ports: ['127.0.0.1:$POSTGRES_PORT:5432']
    environment: { POSTGRES_PASSWORD: "\${POSTGRES_PASSWORD}" }
`;

describe('the variables of a compose file', () => {
  test('are those that it asks for, each as the environment has it', () => {
    using scratch = new Scratch();
    const file = scratch.write('compose.yml', compose);
    const environment = { POSTGRES_IMAGE: 'postgres:15', POSTGRES_PORT: '7001', PATH: '/bin', POSTGRES: 'x' };
    expect(composeVariables(file, environment)).toEqual({
      POSTGRES_IMAGE: 'postgres:15',
      POSTGRES_PORT: '7001',
    });
  });

  test('hold the mirror of images, though the file may not ask for it', () => {
    using scratch = new Scratch();
    const file = scratch.write('compose.yml', 'services: {}\n');
    const environment = { SERVICES_IMAGE_MIRROR: 'mirror.example.org/' };
    expect(composeVariables(file, environment)).toEqual(environment);
  });

  test('are empty where the environment has them empty', () => {
    using scratch = new Scratch();
    const file = scratch.write('compose.yml', compose);
    expect(composeVariables(file, { POSTGRES_IMAGE: '' })).toEqual({ POSTGRES_IMAGE: '' });
  });

  test.each([
    'services: { postgres: { environment: [A, B, C=1, D] } }',
    'services: { postgres: { environment: { A: , B: , C: 1, D: null } } }',
  ])('are also those that it passes on by their names alone: %s', (text) => {
    using scratch = new Scratch();
    const file = scratch.write('compose.yml', text);
    expect(composeVariables(file, { A: 'a', B: '', C: 'c' })).toEqual({ A: 'a', B: '' });
  });

  test('come from the file .env beside it where the environment has them not', () => {
    using scratch = new Scratch();
    const file = scratch.write(
      'compose.yml',
      `${compose}      PASSED_ON:\n`.replace('{ POSTGRES', '\n      POSTGRES').replace('" }', '"'),
    );
    scratch.write('.env', 'POSTGRES_IMAGE=postgres:15\nPOSTGRES_PORT=7001\nPASSED_ON=on\nUNASKED=1\n');
    expect(composeVariables(file, { POSTGRES_PORT: '7002', POSTGRES_PASSWORD: '' })).toEqual({
      POSTGRES_IMAGE: 'postgres:15',
      POSTGRES_PORT: '7002',
      POSTGRES_PASSWORD: '',
      PASSED_ON: 'on',
    });
  });

  test('are none where there is no file', () => {
    using scratch = new Scratch();
    expect(composeVariables(scratch.path('absent.yml'), { POSTGRES_IMAGE: 'x' })).toEqual({});
  });

  test('never take what the file does not name', () => {
    using scratch = new Scratch();
    const name = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,8}$/);
    fc.assert(
      fc.property(fc.dictionary(name, fc.string()), fc.array(name), (environment, asked) => {
        const file = scratch.write('compose.yml', asked.map((one) => `- \${${one}:-default}`).join('\n'));
        for (const [found, value] of Object.entries(composeVariables(file, environment))) {
          expect(asked).toContain(found);
          expect(value).toBe(environment[found]);
        }
      }),
    );
  });
});
