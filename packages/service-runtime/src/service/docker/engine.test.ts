import { addressOf } from './engine.js';

test.each([
  ['unix:///var/run/docker.sock', '127.0.0.1', '127.0.0.1'],
  ['npipe:////./pipe/docker_engine', '127.0.0.1', '127.0.0.1'],
  ['tcp://localhost:2375', '127.0.0.1', '127.0.0.1'],
  ['tcp://127.0.0.1:2375', '127.0.0.1', '127.0.0.1'],
  ['tcp://[::1]:2375', '127.0.0.1', '127.0.0.1'],
  ['tcp://docker:2376', '0.0.0.0', 'docker'],
  ['tcp://10.0.0.7:2376', '0.0.0.0', '10.0.0.7'],
])('an engine at %s publishes on %s, and is reached as %s', (url, publishOn, host) => {
  expect(addressOf(url)).toEqual({ url, publishOn, host });
});

test('an engine at the other end of ssh is refused: its ports are out of reach', () => {
  expect(() => addressOf('ssh://me@far')).toThrow(/DOCKER_NOT_AVAILABLE/);
});
