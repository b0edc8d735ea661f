import { PullProgress } from './pull-progress.js';

const printed = `15.14: Pulling from library/postgres
ce1261c6d567: Already exists
80d8dc3b9b1a: Pulling fs layer
61316ca5c2a6: Pulling fs layer
61316ca5c2a6: Verifying Checksum
61316ca5c2a6: Download complete
80d8dc3b9b1a: Download complete
80d8dc3b9b1a: Pull complete
61316ca5c2a6: Pull complete
Digest: sha256:0123
Status: Downloaded newer image for postgres:15.14
docker.io/library/postgres:15.14`;

test('each layer that has come is said once', () => {
  const progress = new PullProgress();
  expect(printed.split('\n').flatMap((line) => progress.read(line) ?? [])).toEqual([
    '1 of 1 layers',
    '1 of 2 layers',
    '1 of 3 layers',
    '2 of 3 layers',
    '3 of 3 layers',
  ]);
});

test('nothing is said of a pull whose layers have not come', () => {
  const progress = new PullProgress();
  expect(progress.read('80d8dc3b9b1a: Pulling fs layer')).toBeUndefined();
  expect(progress.read('80d8dc3b9b1a: Waiting')).toBeUndefined();
});
