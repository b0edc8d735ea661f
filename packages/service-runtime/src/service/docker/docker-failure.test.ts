import { imageNotAvailable } from './docker-failure.js';

const complaints = {
  noNetwork: 'Error response from daemon: Get "https://quay.io/v2/": dial tcp: lookup quay.io: no such host',
  unknownTag:
    'Error response from daemon: manifest for postgres:99 not found: manifest unknown: manifest unknown',
  refused:
    "Error response from daemon: pull access denied for own/secret, repository does not exist or may require 'docker login'",
  noSpace: 'write /var/lib/docker/tmp/GetImageBlob1: no space left on device',
};

test.each([
  ['quay.io/minio/minio:1', complaints.noNetwork, 'quay.io cannot be reached from here'],
  ['postgres:99', complaints.unknownTag, 'no such image or tag'],
  ['own/secret', complaints.refused, 'docker login docker.io'],
  ['localhost:5000/secret', 'unauthorized: authentication required', 'docker login localhost:5000'],
  ['postgres:15', complaints.noSpace, 'docker system df'],
])('the failed pull of %s gets the advice that fits: %s', (image, complaint, advice) => {
  const { code, next, evidence } = imageNotAvailable('object-store', image, complaint).report;
  expect(code).toBe('IMAGE_NOT_AVAILABLE');
  expect(next[0]).toContain(advice);
  expect(next).toContain(`Try by hand: docker pull ${image}`);
  expect(next).toContain('or name another image: OBJECT_STORE_IMAGE=…');
  expect(evidence).toEqual([complaint]);
});
