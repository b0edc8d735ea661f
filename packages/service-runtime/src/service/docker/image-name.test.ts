import { fromMirror, imageVariable } from './image-name.js';

const mirror = { SERVICES_IMAGE_MIRROR: 'mirror.example:5000/hub' };

test('the variable that names an image is made of the name of the service', () => {
  expect(['postgres', 'object-store', 'my.own service'].map(imageVariable)).toEqual([
    'POSTGRES_IMAGE',
    'OBJECT_STORE_IMAGE',
    'MY_OWN_SERVICE_IMAGE',
  ]);
});

test.each([
  ['an image of Docker Hub', 'postgres:15.14', 'mirror.example:5000/hub/postgres:15.14'],
  ['an image of a registry', 'quay.io/minio/minio:1', 'mirror.example:5000/hub/quay.io/minio/minio:1'],
  ['an image with a digest', 'redis@sha256:0123', 'mirror.example:5000/hub/redis@sha256:0123'],
])('the mirror is put before %s', (_, image, expected) => {
  expect(fromMirror(image, 'postgres', mirror)).toBe(expected);
});

test('a slash at the end of the mirror is not doubled', () => {
  expect(fromMirror('redis:7', 'redis', { SERVICES_IMAGE_MIRROR: 'mirror.example/' })).toBe(
    'mirror.example/redis:7',
  );
});

test('without a mirror, or with an image that a person has named, the name stays', () => {
  expect(fromMirror('redis:7', 'redis', {})).toBe('redis:7');
  expect(fromMirror('redis:7', 'redis', { SERVICES_IMAGE_MIRROR: '' })).toBe('redis:7');
  expect(fromMirror('mine:1', 'redis', { ...mirror, REDIS_IMAGE: 'mine:1' })).toBe('mine:1');
});
