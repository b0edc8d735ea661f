import type { Checkpoint, Json, StateStore, StoredCheckpoint } from '@sqlflow/connector-contract';
import { isDeepStrictEqual } from 'node:util';
import { type ToxicLink, toxicLink } from '../../fault/toxic-link.js';
import type { OpenModule } from '../own-process.js';
import { NonConformance } from '../requirement.js';
import type { Address } from '../source/source-fixture.js';
import type { StateStoreFixture } from './state-store-fixture.js';

/** What one requirement is tried with. */
export interface StateStoreBench<Endpoint extends Address = Address> {
  readonly fixture: StateStoreFixture<Endpoint>;
  /** Opens a store that is closed with the bench. @defaultValue on the endpoint of the fixture */
  readonly open: (endpoint?: Endpoint) => StateStore;
  readonly module: OpenModule | undefined;
  readonly seed: number;
  /** Aborts when the requirement has taken too long. */
  readonly signal: AbortSignal;
}

/** A link to the server of the fixture. */
export function linkTo({ fixture, seed }: StateStoreBench): Promise<ToxicLink> {
  return toxicLink(fixture.endpoint, { seed });
}

export function checkpointAt(position: Json): Checkpoint {
  return { format: 'conformance', version: 1, position };
}

/** @throws NonConformance unless that is what is stored. */
export function requireStored(
  found: StoredCheckpoint | undefined,
  checkpoint: Checkpoint | undefined,
  revision: string | undefined,
  doing: string,
): void {
  if (isDeepStrictEqual(found?.checkpoint, checkpoint) && found?.revision === revision) return;
  const expected = checkpoint === undefined ? 'nothing' : shown({ checkpoint, revision });
  throw new NonConformance(`${doing}: ${expected} was saved, and ${shown(found)} is loaded`);
}

function shown(stored: unknown): string {
  const text = JSON.stringify(stored);
  if (stored === undefined) return 'nothing';
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
