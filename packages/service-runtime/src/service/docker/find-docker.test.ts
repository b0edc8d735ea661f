import { Scratch } from '../../testing/scratch.js';
import { findDocker } from './find-docker.js';

const signal = new AbortController().signal;

/** A docker that answers as the real one does, with what is to be said of compose. */
function docker(compose: string): string {
  return `case "$1" in
  version) echo 28.0.1 ;;
  context) echo unix:///var/run/docker.sock ;;
  compose) ${compose} ;;
esac`;
}

test('the plug-in is taken where it answers', async () => {
  using scratch = new Scratch();
  const file = scratch.writeProgram('bin/docker', docker('echo 2.39.1'));
  scratch.writeProgram('bin/docker-compose', 'echo 1.29.2');
  expect(await findDocker(scratch.host(), signal)).toMatchObject({
    engine: { version: '28.0.1', host: '127.0.0.1' },
    compose: { file, args: ['compose'], version: '2.39.1' },
  });
});

test.each([
  ['is refused', 'echo "docker: unknown command" >&2; exit 125'],
  ['prints help and exits with 0', 'echo "Usage: docker [OPTIONS]"'],
])('a plug-in that %s is none, and the standalone compose is taken', async (_, compose) => {
  using scratch = new Scratch();
  scratch.writeProgram('bin/docker', docker(compose));
  const file = scratch.writeProgram('bin/docker-compose', 'echo 1.29.2');
  expect(await findDocker(scratch.host(), signal)).toMatchObject({
    compose: { file, args: [], version: '1.29.2' },
  });
});

test('docker and its compose are found on PATH too, beside the folders of servers, which come first', async () => {
  using scratch = new Scratch();
  const programs = ['docker', 'docker-compose'].map((name) =>
    scratch.writeProgram(`path/${name}`, name === 'docker' ? docker('exit 1') : 'echo 1.29.2'),
  );
  const host = scratch.host({ environment: { PATH: scratch.path('path') } });
  expect(await findDocker(host, signal)).toMatchObject({
    command: { file: programs[0], environment: { PATH: `${scratch.path('bin')}:${scratch.path('path')}` } },
    compose: { file: programs[1] },
  });
  const first = scratch.writeProgram('bin/docker', docker('exit 1'));
  expect(await findDocker(host, signal)).toMatchObject({ command: { file: first } });
});

test('an engine without any compose is found all the same', async () => {
  using scratch = new Scratch();
  scratch.writeProgram('bin/docker', docker('exit 1'));
  expect((await findDocker(scratch.host(), signal)).compose).toBeUndefined();
});

test('a machine without docker is told how to get it', async () => {
  using scratch = new Scratch();
  await expect(findDocker(scratch.host({ platform: 'linux' }), signal)).rejects.toMatchObject({
    report: {
      code: 'DOCKER_NOT_AVAILABLE',
      summary: 'Docker is not installed.',
      next: [expect.stringContaining('apt-get install'), expect.stringContaining('SERVICES_PROVIDER=local')],
    },
  });
});

test('a socket that is not there means that no engine is running', async () => {
  using scratch = new Scratch();
  scratch.writeProgram(
    'bin/docker',
    `case "$1" in
  version) echo "Cannot connect" >&2; exit 1 ;;
  context) echo unix://${scratch.path('none.sock')} ;;
esac`,
  );
  await expect(findDocker(scratch.host(), signal)).rejects.toMatchObject({
    report: { code: 'DOCKER_NOT_AVAILABLE', summary: 'No Docker engine is running.' },
  });
});

test('what the command line gets of the environment is what chooses the engine, and nothing else', async () => {
  using scratch = new Scratch();
  scratch.writeProgram('bin/docker', `env >> ${scratch.path('seen')}; ${docker('echo 2.39.1')}`);
  const environment = {
    DOCKER_HOST: 'tcp://x:1',
    DOCKER_CONFIG: '/c',
    HOME: '/h',
    TEST_POSTGRES_PASSWORD: 'secret',
  };
  const { command } = await findDocker(scratch.host({ environment }), signal);
  expect(command.environment).toEqual({
    DOCKER_HOST: 'tcp://x:1',
    DOCKER_CONFIG: '/c',
    HOME: '/h',
    PATH: scratch.path('bin'),
  });
});
