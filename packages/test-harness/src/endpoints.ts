import {
  type EndpointOf,
  endpointVariables,
  fromVariables,
  type ServiceName,
} from '@sqlflow/service-runtime';
import { HarnessError } from './harness-error.js';

/** What the environment says of a service: where it is, or why it is not to be had. */
export type Availability<Name extends ServiceName = ServiceName> =
  { readonly endpoint: EndpointOf<Name> } | Unavailable;

interface Unavailable {
  readonly unavailable: string;
  /** What to do about it, unless the reason says so itself. */
  readonly remedy?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Set by the global set-up: why a service could not be started, as a JSON object from service name to reason. */
export const unavailableVariable = 'TEST_SERVICES_UNAVAILABLE';
const properWay = 'run through `nx run <project>:integration` or use the Jest preset';

/**
 * Says where a service is, or why it is not to be had.
 *
 * @throws HarnessError `invalid-option` for a variable that is set and makes no sense.
 */
export function availabilityOf<Name extends ServiceName>(
  service: Name,
  // The one place of this package that reads the process environment.
  environment: Environment = process.env,
): Availability<Name> {
  const endpoint = readEndpoint(service, environment);
  if (endpoint !== undefined) return { endpoint };
  const reason = readReasons(environment)[service];
  if (typeof reason === 'string' && reason !== '') return { unavailable: reason };
  return { unavailable: `${endpointVariables(service).locating[0]} is not set`, remedy: properWay };
}

/** One line about services that are not to be had. What to do is said once. */
export function sayUnavailable(missing: readonly (readonly [ServiceName, Unavailable])[]): string {
  const reasons = missing.map(([service, { unavailable }]) => `${service} is not to be had: ${unavailable}`);
  const remedies = missing.flatMap(([, { remedy }]) => remedy ?? []);
  return [...reasons, ...new Set(remedies)].join('; ');
}

/**
 * The endpoint of a service.
 *
 * @throws HarnessError `service-unavailable`, with the reason, when there is none.
 */
export function endpointOf<Name extends ServiceName>(service: Name): EndpointOf<Name> {
  const found = availabilityOf(service);
  if ('endpoint' in found) return found.endpoint;
  throw new HarnessError('service-unavailable', sayUnavailable([[service, found]]));
}

/** Whether a test that lacks its service must fail: in CI, and wherever `INTEGRATION_TESTS` is `true`. */
export function areTestsRequired(environment: Environment = process.env): boolean {
  const ci = environment['CI'] ?? '';
  return environment['INTEGRATION_TESTS'] === 'true' || !['', '0', 'false'].includes(ci.toLowerCase());
}

const sweepAgeVariable = 'TEST_SWEEP_AFTER_HOURS';
const defaultSweepHours = 24;
/** A year. */
const mostSweepHours = 8_760;

/**
 * How old, in milliseconds, a lease of another host is before it counts as left behind: `TEST_SWEEP_AFTER_HOURS`, 1 to 8760.
 *
 * @throws HarnessError `invalid-option`
 */
export function sweepAgeMs(environment: Environment = process.env): number {
  const text = environment[sweepAgeVariable] ?? '';
  const hours = text === '' ? defaultSweepHours : Number(text);
  if (hours >= 1 && hours <= mostSweepHours) return hours * 3_600_000;
  throw new HarnessError(
    'invalid-option',
    `${sweepAgeVariable} is "${text}"; it must be a number of hours, 1 to ${String(mostSweepHours)}`,
  );
}

/** Names the logical databases of Redis that are for tests alone. Set by the global set-up for a server that is ours. */
export const redisDatabasesVariable = 'TEST_REDIS_DATABASES';
/** More than any server has. */
const mostRedisDatabases = 65_536;

/**
 * The logical databases of Redis that are for tests alone: `TEST_REDIS_DATABASES`, numbers and ranges such as `3,8-15`. None
 * if it is not set.
 *
 * @throws HarnessError `invalid-option`
 */
export function redisDatabases(environment: Environment = process.env): number[] {
  const text = environment[redisDatabasesVariable] ?? '';
  if (text === '') return [];
  return text.split(',').flatMap((part) => {
    const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim()) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (from <= to && to < mostRedisDatabases)
      return Array.from({ length: to - from + 1 }, (_, index) => from + index);
    throw new HarnessError(
      'invalid-option',
      `${redisDatabasesVariable} is "${text}"; it must be numbers and ranges, such as 3,8-15`,
    );
  });
}

function readEndpoint<Name extends ServiceName>(
  service: Name,
  environment: Environment,
): EndpointOf<Name> | undefined {
  try {
    // By name only what belongs to it is read, of the type that goes with the name.
    return fromVariables([service], environment)[service] as EndpointOf<Name> | undefined;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new HarnessError('invalid-option', error.message, { cause: error });
  }
}

function readReasons(environment: Environment): Partial<Record<ServiceName, unknown>> {
  const text = environment[unavailableVariable];
  if (text === undefined || text === '') return {};
  try {
    const reasons: unknown = JSON.parse(text);
    if (typeof reasons === 'object' && reasons !== null && !Array.isArray(reasons)) return reasons;
  } catch {
    // Said below, together with JSON that is no object.
  }
  throw new HarnessError(
    'invalid-option',
    `${unavailableVariable} must be a JSON object, {"redis": "why not"}`,
  );
}
