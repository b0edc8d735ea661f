import { builtInServices, isServiceName, type ServiceName } from '@sqlflow/service-runtime';
import { areTestsRequired, type Availability, availabilityOf, sayUnavailable } from './endpoints.js';
import { HarnessError } from './harness-error.js';
import { type SuiteOptions, withMarkers } from './markers.js';
import { notice } from './notice.js';
import { markSkipped } from './skip-mark.js';

type Register = (title: string, body: () => void) => void;

/** The part of a test runner that is used: Jest's globals have this shape. */
export interface TestRunner {
  readonly describe: Register & { readonly skip: Register };
  readonly test: Register;
}

/** What the decision depends on. */
export interface Surroundings {
  readonly runner: () => TestRunner;
  readonly availabilityOf: (service: ServiceName) => Availability;
  readonly areTestsRequired: () => boolean;
  /** Takes one line, without its end. */
  readonly notice: (line: string) => void;
  /** Is told of every suite that is skipped. */
  readonly markSkipped: () => void;
}

/**
 * `describe` for tests that need real services. When one of the services cannot be had, the tests are skipped and one
 * line says which and why; with `CI` set (and not `false` or `0`) or `INTEGRATION_TESTS=true`, one failing test says so.
 *
 * The title carries services and tags as words with `@`, `reading @postgres @smoke`, so that `jest -t @postgres` chooses by
 * them.
 *
 * @param services - What the tests need: `'postgres'`, `'object-store'`, `'redis'`, or several in an array.
 * @param title - @defaultValue the names of the services
 * @throws HarnessError `invalid-option` for what cannot be the name of a service, or a tag that is no word.
 */
export interface DescribeIntegration {
  (services: ServiceName | readonly ServiceName[], body: () => void): void;
  (services: ServiceName | readonly ServiceName[], title: string, body: () => void): void;
  (
    services: ServiceName | readonly ServiceName[],
    title: string,
    options: SuiteOptions,
    body: () => void,
  ): void;
}

export function describeIntegrationIn(surroundings: Surroundings): DescribeIntegration {
  return (services, ...rest: readonly (string | SuiteOptions | (() => void))[]) => {
    const needed = readServices(services);
    const body = rest.at(-1);
    if (typeof body !== 'function')
      throw new HarnessError('invalid-option', 'describeIntegration takes a function last');
    const plain = typeof rest[0] === 'string' ? rest[0] : `on ${needed.join(', ')}`;
    const options = rest.find((argument) => typeof argument === 'object');
    const title = withMarkers(plain, [...needed, ...(options?.tags ?? [])]);
    const missing = needed.flatMap((service) => {
      const found = surroundings.availabilityOf(service);
      return 'unavailable' in found ? [[service, found] as const] : [];
    });
    const { describe, test } = surroundings.runner();
    if (missing.length === 0) {
      describe(title, body);
    } else if (surroundings.areTestsRequired()) {
      describe(title, () => {
        test('has the services that it needs', () => {
          throw new HarnessError('service-unavailable', sayUnavailable(missing));
        });
      });
    } else {
      surroundings.notice(`skipped "${plain}": ${sayUnavailable(missing)}`);
      surroundings.markSkipped();
      describe.skip(title, body);
    }
  };
}

export const describeIntegration: DescribeIntegration = describeIntegrationIn({
  runner: jestGlobals,
  availabilityOf: (service) => availabilityOf(service),
  areTestsRequired: () => areTestsRequired(),
  notice,
  markSkipped: () => markSkipped(),
});

function readServices(services: ServiceName | readonly ServiceName[]): readonly ServiceName[] {
  const needed: readonly unknown[] = Array.isArray(services) ? services : [services];
  const [unknown] =
    needed.length === 0 ? ['none'] : needed.filter((service) => !isServiceName(service)).map(String);
  if (unknown !== undefined) {
    throw new HarnessError(
      'invalid-option',
      `the service is ${unknown}; it must be ${builtInServices.join(', ')}, or one that the workspace defines`,
    );
  }
  return needed.filter(isServiceName);
}

function jestGlobals(): TestRunner {
  const { describe, test }: Partial<TestRunner> = globalThis as Partial<TestRunner>;
  if (describe !== undefined && test !== undefined) return { describe, test };
  throw new HarnessError(
    'invalid-option',
    'describeIntegration needs the globals `describe` and `test`, as Jest has them',
  );
}
