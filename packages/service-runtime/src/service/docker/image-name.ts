import type { Environment } from '../variables.js';

/** Put before every image that a compose file names by itself, with a slash between. */
export const mirrorVariable = 'SERVICES_IMAGE_MIRROR';

/** `object-store` → `OBJECT_STORE_IMAGE`: the variable by which a person names the image of a service. */
export function imageVariable(service: string): string {
  return `${service.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_IMAGE`;
}

/**
 * The image as it is taken from the mirror: `mirror.example:5000/hub` and `postgres:15.14` make
 * `mirror.example:5000/hub/postgres:15.14`. The name is not taken apart, so a registry in it becomes a folder of the
 * mirror: `mirror.example:5000/hub/quay.io/minio/minio:…`. An image that a variable names is left as it is.
 */
export function fromMirror(image: string, service: string, environment: Environment): string {
  const mirror = environment[mirrorVariable]?.replace(/\/+$/, '');
  if (!mirror || environment[imageVariable(service)]) return image;
  return `${mirror}/${image}`;
}
