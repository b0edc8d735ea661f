import type { StateStore } from '@sqlflow/connector-contract';
import { type ConformanceOptions, registerSuite, reportSuite } from '../conformance-suite.js';
import { benchesOf } from '../fixture-bench.js';
import type { OpenModule } from '../own-process.js';
import type { ConformanceReport } from '../report.js';
import type { Address } from '../source/source-fixture.js';
import { failingRequirements } from './failing-requirements.js';
import { savingRequirements } from './saving-requirements.js';
import { secretRequirements } from './secret-requirements.js';
import type { StateStoreFixture } from './state-store-fixture.js';

/** What a state store must do, in the order in which it is tried. */
export const stateStoreRequirements = {
  ...savingRequirements,
  ...failingRequirements,
  ...secretRequirements,
} as const;

export type StateStoreRequirement = keyof typeof stateStoreRequirements;

export interface StateStoreConformanceOptions<
  Endpoint extends Address,
> extends ConformanceOptions<StateStoreRequirement> {
  /** Makes the store that is tried, on an endpoint of the fixture or one that leads there through a faulty link. */
  readonly open: (endpoint: Endpoint) => StateStore;
  /** Makes a private place on a server for one requirement. */
  readonly lease: () => Promise<StateStoreFixture<Endpoint>>;
  /** How a process of its own opens it. Without, what needs one is not met. */
  readonly module?: OpenModule;
}

/**
 * Holds a state store to the contract: one Jest test for each requirement, each on a fixture of its own.
 *
 * @throws HarnessError `invalid-option` for a requirement that does not exist, or without Jest's globals.
 */
export function stateStoreConformance<Endpoint extends Address>(
  options: StateStoreConformanceOptions<Endpoint>,
): void {
  registerSuite('state-store', stateStoreRequirements, options, benchesOf(options));
}

/** The same without Jest: tries all requirements, or those of `only`, and tells what it found. */
export function reportStateStoreConformance<Endpoint extends Address>(
  options: StateStoreConformanceOptions<Endpoint> & { readonly only?: readonly StateStoreRequirement[] },
): Promise<ConformanceReport> {
  return reportSuite('state-store', stateStoreRequirements, options, benchesOf(options));
}
