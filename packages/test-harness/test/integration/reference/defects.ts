import type { SourceRequirement } from '@sqlflow/test-harness/conformance';

interface Defect {
  /** What such a source does. */
  readonly source: string;
  /** What the requirement finds of it: so that it is not found by something that broke on the way. */
  readonly evidence: RegExp;
}

/** A wrong source for each requirement, which that requirement must find out. */
export const sourceDefects = {
  'connection-report': {
    source: 'says that all is well and leaves the stages out',
    evidence: /^the stages are ;/,
  },
  'connection-report-failed-stage': {
    source: 'takes every failure for a wrong password',
    evidence: /^a failure of container, not-found is told as a failure of authentication/,
  },
  'discover-agrees-with-read': { source: 'tells that every column is a text', evidence: /^told as id Utf8,/ },
  'full-read-gives-each-row-once': {
    source: 'forgets the last batch, which is not full',
    evidence: /^the first full read: 1000 rows lost/,
  },
  'batches-are-bounded': {
    source: 'reads 100 rows at least',
    evidence: /^a batch of 100 rows, where batchRows is 1$/,
  },
  'types-at-their-edges': {
    source: 'takes times through a JavaScript Date',
    evidence: /^reading timestamp: 6 rows lost/,
  },
  projection: {
    source: 'gives the columns in the order of the table',
    evidence: /^asked for at, id; id, at came$/,
  },
  'errors-have-codes': {
    source: 'throws what the driver threw',
    evidence: /^a stream that is not there is told as error: relation/,
  },
  'hostile-names': { source: 'puts names between quotes as they are', evidence: /syntax error/ },
  'flat-memory': {
    source: 'holds the whole table before it gives the first row',
    evidence: /^memory grows: /,
  },
  'back-pressure': {
    source: 'fetches on while a batch is looked at',
    evidence: /^\d+ MiB came while the first of 250 MiB were looked at$/,
  },
  'ended-reads-end-on-the-server': {
    source: 'does not look at the signal',
    evidence: /^at an abort nothing is thrown, and the rest is read/,
  },
  'reads-after-and-beside-reads': {
    source: 'has five connections, and loses that of a read that is left',
    evidence: /no connection is left/,
  },
  'incremental-gives-what-is-new': {
    source: 'reads from the cursor on, that one included',
    evidence: /^a read after which nothing is new: \d+ rows given that were not to come/,
  },
  'equal-cursors': {
    source: 'reads beyond the cursor, that one excluded',
    evidence: /^batches of 1: 57 rows lost/,
  },
  'cursor-precision': {
    source: 'keeps cursors as a JavaScript Date or number',
    evidence: /^a cursor of (timestamptz|timestamp|int64|decimal), one row a read: /,
  },
  'cursor-types': { source: 'compares cursors as texts', evidence: /^a cursor of int16, one row a read: / },
  'null-cursors': {
    source: 'never gives a row whose cursor is NULL',
    evidence: /^include-first, the first read: 3 rows lost/,
  },
  'resume-at-every-checkpoint': {
    source: 'hands out the checkpoint of the batch before',
    evidence: /^going on after batch 1: 5 rows given more often than once/,
  },
  'checkpoint-is-bounded-json': {
    source: 'keeps the keys of all rows that it has given',
    evidence: /^a checkpoint of \d+ bytes; 4096 are the most$/,
  },
  'late-commit': {
    source: 'takes the greatest cursor that it sees for the end of what there can be',
    evidence: /2 rows lost/,
  },
  'concurrent-writers': {
    source: 'reads what is visible by cursor and key alone',
    evidence: /beside 4 writers: \d+ rows lost/,
  },
  'schema-change-mid-read': {
    source: 'reads page by page, each with the columns of the moment',
    evidence: /^a batch of columns id,body,more, in a read of id,body$/,
  },
  'slow-links': {
    source: 'takes ten milliseconds of silence for the end',
    evidence: /^through \{"type":"(latency|bandwidth|slicer)".*: \d+ rows lost/,
  },
  'broken-links': {
    source: 'takes the end of the connection for the end of the rows',
    evidence:
      /^a read cut by reset_peer after \d+ of \d+ bytes ends as if it were complete, .* does it again$/,
  },
  'disturbed-protocol': {
    source: 'takes the shutdown of the server for the end of the rows',
    evidence: /^a read with .*57P01.* ends as if it were complete, \d+ rows too soon; .* does it again$/,
  },
  'resumed-reads': {
    source: 'begins again by itself when a connection breaks, with what it has given already',
    evidence: /^in reads cut by reset_peer: 0 rows lost and \d+ repeated; .* does it again$/,
  },
  'abort-while-stalled': {
    source: 'looks at the signal when the server has answered',
    evidence: /^an abort of a stalled read gives nothing, for 7000 ms$/,
  },
  'secrets-are-never-shown': {
    source: 'says in its errors how it connected',
    evidence: /^a secret is shown by inspect/,
  },
} as const satisfies Record<SourceRequirement, Defect>;

export type SourceDefect = keyof typeof sourceDefects;
