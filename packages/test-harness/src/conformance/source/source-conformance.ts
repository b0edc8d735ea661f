import { type ConformanceOptions, defaultSeed, registerSuite, reportSuite } from '../conformance-suite.js';
import type { ConformanceReport } from '../report.js';
import type { Trial } from '../requirement.js';
import { concurrencyRequirements } from './concurrency-requirements.js';
import { connectionRequirements } from './connection-requirements.js';
import { cursorRequirements } from './cursor-requirements.js';
import { faultRequirements } from './fault-requirements.js';
import { readingRequirements } from './reading-requirements.js';
import { resourceRequirements } from './resource-requirements.js';
import { secretRequirements } from './secret-requirements.js';
import type { SourceBench, SourceModule, SourceUnderTest } from './source-bench.js';
import type { Address, SourceFixture } from './source-fixture.js';

/** What a source must do, in the order in which it is tried. */
export const sourceRequirements = {
  ...connectionRequirements,
  ...readingRequirements,
  ...resourceRequirements,
  ...cursorRequirements,
  ...concurrencyRequirements,
  ...faultRequirements,
  ...secretRequirements,
} as const;

export type SourceRequirement = keyof typeof sourceRequirements;

export interface SourceConformanceOptions<
  Endpoint extends Address,
> extends ConformanceOptions<SourceRequirement> {
  /** Makes the source that is tried, on an endpoint of the fixture or one that leads there through a faulty link. */
  readonly open: (endpoint: Endpoint) => SourceUnderTest;
  /** Makes a private place on a server for one requirement. */
  readonly lease: () => Promise<SourceFixture<Endpoint>>;
  /** How a process of its own opens it. Without, what needs one is not met. */
  readonly module?: SourceModule;
}

/**
 * Holds a source to the contract: one Jest test for each requirement, each on a fixture of its own. What the source lacks, it
 * fails.
 *
 * @throws HarnessError `invalid-option` for a requirement that does not exist, or without Jest's globals.
 */
export function sourceConformance<Endpoint extends Address>(
  options: SourceConformanceOptions<Endpoint>,
): void {
  registerSuite('source', sourceRequirements, options, benchOf(options));
}

/** The same without Jest: tries all requirements, or those of `only`, and tells what it found. */
export function reportSourceConformance<Endpoint extends Address>(
  options: SourceConformanceOptions<Endpoint> & { readonly only?: readonly SourceRequirement[] },
): Promise<ConformanceReport> {
  return reportSuite('source', sourceRequirements, options, benchOf(options));
}

function benchOf<Endpoint extends Address>({
  open,
  lease,
  module,
  seed = defaultSeed,
}: SourceConformanceOptions<Endpoint>): Trial<SourceBench>['bench'] {
  return async (signal) => {
    const fixture = await lease();
    const opened: SourceUnderTest[] = [];
    const bench: SourceBench<Endpoint> & AsyncDisposable = {
      fixture,
      open: (endpoint = fixture.endpoint) => {
        const source = open(endpoint);
        opened.push(source);
        return source;
      },
      module,
      seed,
      signal,
      async [Symbol.asyncDispose]() {
        try {
          await Promise.all(opened.map((source) => source[Symbol.asyncDispose]()));
        } finally {
          await fixture[Symbol.asyncDispose]();
        }
      },
    };
    // A requirement gives `open` no endpoints but those of its own fixture, or these with another address.
    return bench as unknown as SourceBench & AsyncDisposable;
  };
}
