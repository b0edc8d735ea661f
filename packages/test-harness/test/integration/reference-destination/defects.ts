import type { DestinationRequirement } from '@sqlflow/test-harness/conformance';

interface Defect {
  /** What such a destination does. */
  readonly destination: string;
  /** What the requirement finds of it: so that it is not found by something that broke on the way. */
  readonly evidence: RegExp;
}

/** A wrong destination for each requirement, which that requirement must find out. */
export const destinationDefects = {
  'connection-report': {
    destination: 'says that all is well and leaves the stages out',
    evidence: /^the stages are ;/,
  },
  'connection-report-failed-stage': {
    destination: 'takes every failure for a wrong password',
    evidence: /^a failure of container, not-found is told as a failure of authentication/,
  },
  'append-adds-each-row-once': {
    destination: 'forgets the last batch if it is not full',
    evidence: /^a first append: 12 rows lost/,
  },
  'types-at-their-edges': {
    destination: 'takes times through a JavaScript Date',
    evidence: /^writing timestamp: 4 rows lost/,
  },
  'hostile-names': { destination: 'puts names between quotes as they are', evidence: /syntax error/ },
  'drift-is-refused': {
    destination: 'leaves out columns that the stream does not have',
    evidence: /^append: a column that is not there: 48 rows given that were not to come/,
  },
  'replace-is-atomic': {
    destination: 'removes the old rows, and then writes the new ones',
    evidence: /^a reader beside a replace saw 0 rows, which are neither the 200 before nor the 200 after$/,
  },
  'upsert-by-key': {
    destination: 'keeps the first of several rows with one key',
    evidence: /^an upsert: \d+ rows lost, such as \{id: 9[1-6]n, name: "(same batch|last)/,
  },
  'writes-can-be-repeated': {
    destination: 'takes a stream that it has replaced once for its own, and adds to it from then on',
    evidence: /^replace, time 2: 100 rows given more often than once/,
  },
  'checkpoint-goes-with-rows': {
    destination: 'commits the checkpoint first',
    evidence: /^append: beside write 1 the checkpoint of write 1 is found, and the rows of write 0$/,
  },
  'repeatable-after-lost-answers': {
    destination: 'makes a replace with its answer lost again by itself, as an append',
    evidence: /^replace with answer \d+ lost: 40 rows given more often than once/,
  },
  'append-once-after-lost-answers': {
    destination: 'commits the rows, and then the checkpoint',
    evidence: /^append with answer \d+ lost: the rows are there, and the checkpoint is not$/,
  },
  'effects-are-told': {
    destination: 'says of every broken connection that nothing was written',
    evidence: /^a write with answer \d+ lost is told to have had no effect, and its rows are there$/,
  },
  'throwing-batches-leave-nothing': {
    destination: 'commits what came before the batches threw',
    evidence: /^append of batches that throw after 1: 10 rows given that were not to come/,
  },
  'aborted-writes-leave-nothing': {
    destination: 'does not look at the signal',
    evidence: /^at an abort of append between batches nothing is thrown/,
  },
  'errors-have-codes': {
    destination: 'throws what the driver threw',
    evidence: /^a stream that is not there is told as error: relation/,
  },
  'back-pressure': {
    destination: 'takes the next batches while it writes one',
    evidence: /^61 batches of 1 MiB were taken though the server took none, of 61 that were left$/,
  },
  'flat-memory': { destination: 'holds all batches before it writes the first', evidence: /^memory grows: / },
  'secrets-are-never-shown': {
    destination: 'says in its errors how it connected',
    evidence: /^a secret is shown by inspect/,
  },
} as const satisfies Record<DestinationRequirement, Defect>;

/** Others, by names of their own. */
export const furtherDestinationDefects = {
  'drift-is-noticed-late': {
    requirement: 'drift-is-refused',
    destination: 'looks at the columns of batches when it has all of them',
    evidence: /^a column that is not there is refused after 12 batches were taken$/,
  },
  'replace-by-nothing': {
    requirement: 'replace-is-atomic',
    destination: 'removes the old rows when the first new ones come',
    evidence: /^a replace: 50 rows given that were not to come/,
  },
  'effects-are-always-unknown': {
    requirement: 'effects-are-told',
    destination: 'says of every broken connection that its rows may be there',
    evidence: /^a connection that breaks between batches is told as .* effect unknown\), with 0 rows there$/,
  },
  'batches-are-kept': {
    requirement: 'aborted-writes-leave-nothing',
    destination: 'does not let go of the batches',
    evidence: /^after an abort of append between batches the batches are not let go$/,
  },
  'thrown-by-batches-is-wrapped': {
    requirement: 'throwing-batches-leave-nothing',
    destination: 'throws an error of its own for what the batches threw',
    evidence: /^append of batches that throw after 0: \[invalid-data\] the batches failed .* is thrown$/,
  },
  'secret-is-printed': {
    requirement: 'secrets-are-never-shown',
    destination: 'prints how it connects',
    evidence: /^a secret is shown by a process of its own/,
  },
  'report-is-wrong': {
    requirement: 'append-adds-each-row-once',
    destination: 'reports one row too few',
    evidence: /^append of 300 rows reports 299$/,
  },
} as const satisfies Record<string, Defect & { readonly requirement: DestinationRequirement }>;

export type DestinationDefect = keyof typeof destinationDefects | keyof typeof furtherDestinationDefects;
