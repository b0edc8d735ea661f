import type { StateStoreRequirement } from '@sqlflow/test-harness/conformance';

interface Defect {
  /** What such a store does. */
  readonly store: string;
  /** What the requirement finds of it: so that it is not found by something that broke on the way. */
  readonly evidence: RegExp;
}

/** A wrong state store for each requirement, which that requirement must find out. */
export const stateStoreDefects = {
  'saved-is-loaded': {
    store: 'keeps texts as Latin-1',
    evidence: /^save 15: [^]*"position":"\u2028"[^]* was saved, and .*"position":"\(".* is loaded$/,
  },
  'save-replaces-a-revision': {
    store: 'takes a first save for one that may replace what is there',
    evidence: /^a first save where there is one, by the same store is told as a success/,
  },
  'one-of-many-saves': {
    store: 'looks at the revision, and then writes',
    evidence: /^round \d: \d+ of 16 saves are told to have taken place$/,
  },
  'many-processes': {
    store: 'looks at the revision, and then writes, one after the other within a process',
    evidence: /^3 processes have counted to \d+, and \d+ is stored$/,
  },
  'names-are-apart': {
    store: 'cuts names to 63 characters',
    evidence: /^name "x{200}a", not saved yet: nothing was saved, and .* is loaded$/,
  },
  'revisions-never-come-again': {
    store: 'takes a hash of the checkpoint for its revision',
    evidence: /^save 3 has the revision of save 1$/,
  },
  'abort-throws-the-reason': {
    store: 'does not look at the signal',
    evidence: /^a load whose signal has aborted before throws nothing/,
  },
  'errors-have-codes': {
    store: 'throws what the driver threw',
    evidence: /^load: a failure of dns is told as Error: getaddrinfo/,
  },
  'lost-answers-are-unknown': {
    store: 'says of every broken connection that nothing was saved',
    evidence: /^save "first \d+", whose answer was lost, is told to have had no effect, and it is stored$/,
  },
  'secrets-are-never-shown': {
    store: 'says in its errors how it connected',
    evidence: /^a secret is shown by inspect/,
  },
} as const satisfies Record<StateStoreRequirement, Defect>;

/** Others, by names of their own. */
export const furtherStateStoreDefects = {
  'own-save-is-a-conflict': {
    requirement: 'lost-answers-are-unknown',
    store: 'makes a save again by itself when its answer is lost, and takes its own for one of another',
    evidence: /^save "first \d+", whose answer was lost, is told as \[conflict\]/,
  },
} as const satisfies Record<string, Defect & { readonly requirement: StateStoreRequirement }>;

export type StateStoreDefect = keyof typeof stateStoreDefects | keyof typeof furtherStateStoreDefects;
