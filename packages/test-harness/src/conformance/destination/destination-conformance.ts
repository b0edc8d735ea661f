import { type ConformanceOptions, registerSuite, reportSuite } from '../conformance-suite.js';
import { benchesOf } from '../fixture-bench.js';
import type { OpenModule } from '../own-process.js';
import type { ConformanceReport } from '../report.js';
import { connectionReport, failedStage } from '../source/connection-requirements.js';
import type { Address } from '../source/source-fixture.js';
import { appendRequirements } from './append-requirements.js';
import { checkpointRequirements } from './checkpoint-requirements.js';
import type { DestinationUnderTest } from './destination-bench.js';
import type { DestinationFixture } from './destination-fixture.js';
import { endingRequirements } from './ending-requirements.js';
import { lostAnswerRequirements } from './lost-answer-requirements.js';
import { modeRequirements } from './mode-requirements.js';
import { resourceRequirements } from './resource-requirements.js';
import { secretRequirements } from './secret-requirements.js';

/** What a destination must do, in the order in which it is tried. */
export const destinationRequirements = {
  'connection-report': connectionReport,
  'connection-report-failed-stage': failedStage,
  ...appendRequirements,
  ...modeRequirements,
  ...checkpointRequirements,
  ...lostAnswerRequirements,
  ...endingRequirements,
  ...resourceRequirements,
  ...secretRequirements,
} as const;

export type DestinationRequirement = keyof typeof destinationRequirements;

export interface DestinationConformanceOptions<
  Endpoint extends Address,
> extends ConformanceOptions<DestinationRequirement> {
  /** Makes the destination that is tried, on an endpoint of the fixture or one that leads there through a faulty link. */
  readonly open: (endpoint: Endpoint) => DestinationUnderTest;
  /** Makes a private place on a server for one requirement. */
  readonly lease: () => Promise<DestinationFixture<Endpoint>>;
  /** How a process of its own opens it. Without, what needs one is not met. */
  readonly module?: OpenModule;
}

/**
 * Holds a destination to the contract: one Jest test for each requirement, each on a fixture of its own. What the
 * destination lacks, it fails.
 *
 * @throws HarnessError `invalid-option` for a requirement that does not exist, or without Jest's globals.
 */
export function destinationConformance<Endpoint extends Address>(
  options: DestinationConformanceOptions<Endpoint>,
): void {
  registerSuite('destination', destinationRequirements, options, benchesOf(options));
}

/** The same without Jest: tries all requirements, or those of `only`, and tells what it found. */
export function reportDestinationConformance<Endpoint extends Address>(
  options: DestinationConformanceOptions<Endpoint> & { readonly only?: readonly DestinationRequirement[] },
): Promise<ConformanceReport> {
  return reportSuite('destination', destinationRequirements, options, benchesOf(options));
}
