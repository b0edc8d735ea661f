import { type ConformanceOptions, registerSuite, reportSuite } from '../conformance-suite.js';
import { benchesOf } from '../fixture-bench.js';
import type { OpenModule } from '../own-process.js';
import type { ConformanceReport } from '../report.js';
import { concurrencyRequirements } from './concurrency-requirements.js';
import { connectionRequirements } from './connection-requirements.js';
import { cursorRequirements } from './cursor-requirements.js';
import { faultRequirements } from './fault-requirements.js';
import { readingRequirements } from './reading-requirements.js';
import { resourceRequirements } from './resource-requirements.js';
import { secretRequirements } from './secret-requirements.js';
import type { SourceUnderTest } from './source-bench.js';
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
  readonly module?: OpenModule;
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
  registerSuite('source', sourceRequirements, options, benchesOf(options));
}

/** The same without Jest: tries all requirements, or those of `only`, and tells what it found. */
export function reportSourceConformance<Endpoint extends Address>(
  options: SourceConformanceOptions<Endpoint> & { readonly only?: readonly SourceRequirement[] },
): Promise<ConformanceReport> {
  return reportSuite('source', sourceRequirements, options, benchesOf(options));
}
