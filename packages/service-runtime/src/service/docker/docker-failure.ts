import { ServiceFailure } from '../../failure/service-failure.js';
import { imageVariable, mirrorVariable } from './image-name.js';

const withoutDocker = 'or do without Docker: SERVICES_PROVIDER=local';

/** Docker cannot be used at all. `next` says how to get it. */
export function dockerNotAvailable(
  summary: string,
  evidence: readonly string[],
  next: readonly string[],
): ServiceFailure {
  return new ServiceFailure({
    code: 'DOCKER_NOT_AVAILABLE',
    summary,
    evidence,
    next: [...next, withoutDocker],
  });
}

export function composeFileInvalid(
  service: string,
  file: string,
  reason: string,
  cause?: unknown,
): ServiceFailure {
  return new ServiceFailure(
    {
      code: 'COMPOSE_FILE_INVALID',
      service,
      summary: `The compose file of ${service} cannot be used.`,
      evidence: [file, ...reason.split('\n')],
      next: [`Correct it, and try: docker compose -f ${file} config`],
    },
    { cause },
  );
}

/** An image that is not on this machine and could not be brought here. */
export function imageNotAvailable(service: string, image: string, complaint: string): ServiceFailure {
  const pull = `docker pull ${image}`;
  return new ServiceFailure({
    code: 'IMAGE_NOT_AVAILABLE',
    service,
    summary: `The image ${image} is not on this machine, and pulling it failed.`,
    evidence: complaint.trim().split('\n').slice(-4),
    next: [
      ...pullAdvice(image, complaint),
      `Try by hand: ${pull}`,
      `or name another image: ${imageVariable(service)}=…`,
      withoutDocker,
    ],
  });
}

/** An image whose Dockerfile could not be gone through. */
export function imageNotBuilt(service: string, file: string, complaint: string): ServiceFailure {
  return new ServiceFailure({
    code: 'IMAGE_NOT_AVAILABLE',
    service,
    summary: `The image of ${service} could not be built.`,
    evidence: complaint.trim().split('\n').slice(-4),
    next: [`Try by hand: docker compose -f ${file} build`, withoutDocker],
  });
}

/**
 * What helps first. Docker's command line has one exit code for every failed pull, so the words are all there is to go
 * by; they choose the order of the advice and nothing else.
 */
function pullAdvice(image: string, complaint: string): string[] {
  const advice: readonly (readonly [RegExp, string])[] = [
    [/unauthorized|denied|authentication required/i, `Sign in: docker login ${registryOf(image)}`],
    [/manifest unknown|not found/i, 'The registry has no such image or tag: correct its name.'],
    [/no space left/i, 'Free some space: docker system df'],
    [
      /no such host|dial tcp|timeout|refused|unreachable|TLS/i,
      `The registry ${registryOf(image)} cannot be reached from here: name a mirror, ${mirrorVariable}=registry.example/hub`,
    ],
  ];
  return advice.flatMap(([pattern, text]) => (pattern.test(complaint) ? [text] : [])).slice(0, 1);
}

/** A first part with a dot, a colon or the name localhost is a registry; anything else is on Docker Hub. */
function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : 'docker.io';
}
