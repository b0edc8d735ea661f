import { type Checkpoint, ConnectorError, type WriteOptions } from '@sqlflow/connector-contract';
import { isDeepStrictEqual } from 'node:util';
import { failureOf, shownFailure } from '../failure.js';
import { NonConformance, type Requirement } from '../requirement.js';
import { requireRows } from '../rows-compare.js';
import type { StreamSpec } from '../source/source-fixture.js';
import { untilIdle } from '../until-idle.js';
import { batchesOf } from './batches.js';
import {
  type DestinationBench,
  type DestinationUnderTest,
  linkTo,
  methodOf,
  streamsOf,
  taken,
  writeRows,
} from './destination-bench.js';
import { eventRows, eventStream } from './event-stream.js';
import { lastOfEach } from './mode-requirements.js';

/** A write of three batches that makes the server say more often that something is done is not tried to its end. */
const mostAnswers = 60;
/** One is lost, so the second succeeds. */
const mostAttempts = 3;

const old = eventRows(1, 20, 'old');
const renewed = eventRows(11, 50, 'new');

/** Which answer is lost, and a destination and a stream of their own for it. */
interface Loss {
  readonly destination: DestinationUnderTest;
  readonly stream: StreamSpec;
  readonly nth: number;
  /** As it is said in evidence. */
  readonly what: string;
}

/**
 * Has one answer of the server after the other lost, each on a link of its own, until a write is made without a loss.
 *
 * @returns how many answers were lost
 */
async function eachAnswerLost(
  bench: DestinationBench,
  streams: Pick<StreamSpec, 'name' | 'key'>,
  write: (loss: Loss) => Promise<void>,
): Promise<number> {
  const { loseAnswer } = bench.fixture;
  if (loseAnswer === undefined) throw new NonConformance('the fixture has no way to lose an answer');
  for (let nth = 1; nth <= mostAnswers; nth += 1) {
    await using link = await linkTo(bench);
    const lost = loseAnswer(link, nth);
    const stream = eventStream(`${streams.name}_${nth}`, streams.key);
    await streamsOf(bench).create(stream);
    await streamsOf(bench).insert(stream.name, old);
    const destination = bench.open(link.endpoint);
    await write({ destination, stream, nth, what: `with answer ${nth} lost` });
    await destination[Symbol.asyncDispose]();
    if (lost.fired > 0) continue;
    if (nth === 1)
      throw new NonConformance('a write took place, and no answer of the server was seen to lose');
    return nth - 1;
  }
  throw new NonConformance(
    `the server answers a write of ${renewed.length} rows more than ${mostAnswers} times`,
  );
}

const repeatable: Requirement<DestinationBench> = {
  title: 'upsert and replace that are made again after any answer was lost write each row once',
  answers: ['dlt#4052', 'milvus#50007', 'convex-backend#559'],
  check: async (bench) => {
    const counts: string[] = [];
    for (const mode of ['upsert', 'replace'] as const) {
      const key = mode === 'upsert' && { key: ['id'] };
      const expected = mode === 'replace' ? renewed : lastOfEach(['id'], [...old, ...renewed]);
      const count = await eachAnswerLost(
        bench,
        { name: mode, key: key ? key.key : [] },
        async ({ destination, stream, what }) => {
          await untilWritten({ destination, stream, what }, { mode, ...key, signal: bench.signal });
          requireRows(await streamsOf(bench).rowsOf(stream), expected, `${mode} ${what}`);
        },
      );
      counts.push(`${count} of ${mode}`);
    }
    return `answers lost: ${counts.join(', ')}`;
  },
};

const appendOnce: Requirement<DestinationBench> = {
  title:
    'append that is made again only if its checkpoint is not found writes each row once, whichever answer is lost',
  answers: ['dlt#4052', 'milvus#50007', 'convex-backend#559'],
  check: async (bench) => {
    const other = bench.open();
    const committed = ({ name }: StreamSpec) =>
      methodOf(other, 'committedCheckpoint')({ name }, bench.signal);
    const looks = { found: 0, missed: 0 };
    const count = await eachAnswerLost(bench, { name: 'appended', key: [] }, async (loss) => {
      const { stream, nth, what } = loss;
      const first: Checkpoint = { format: 'conformance', version: 1, position: [nth, 'first'] };
      const second: Checkpoint = { ...first, position: [nth, 'second'] };
      const added = eventRows(51, 90);
      const options = { mode: 'append', signal: bench.signal } as const;
      // Past the link: it is the second append that is struck.
      await writeRows(other, stream, eventRows(101, 105), { ...options, checkpoint: first });
      await untilWritten(loss, { ...options, checkpoint: second }, added, async () => {
        // What was under way when the connection broke may still come to its end.
        await untilIdle(bench, `an append ${what}`);
        const isCommitted = isDeepStrictEqual(await committed(stream), second);
        const has = (await streamsOf(bench).count(stream.name)) > old.length + 5;
        looks[isCommitted ? 'found' : 'missed'] += 1;
        if (isCommitted === has) return isCommitted;
        const [there, not] = isCommitted
          ? ['the checkpoint is', 'the rows are']
          : ['the rows are', 'the checkpoint is'];
        throw new NonConformance(`append ${what}: ${there} there, and ${not} not`);
      });
      const all = [...old, ...eventRows(101, 105), ...added];
      requireRows(await streamsOf(bench).rowsOf(stream), all, `append ${what}`);
      const found = await committed(stream);
      if (isDeepStrictEqual(found, second)) return;
      throw new NonConformance(`append ${what}: its checkpoint is found as ${JSON.stringify(found)}`);
    });
    return `${count} answers lost; the checkpoint was found after ${looks.found} of them, and not after ${looks.missed}`;
  },
};

/**
 * Writes, and writes again as whoever uses a destination would.
 *
 * @param isWritten - Looks whether a write that has failed took place. @defaultValue it is made again in any case
 */
async function untilWritten(
  { destination, stream, what }: Pick<Loss, 'destination' | 'stream' | 'what'>,
  options: WriteOptions,
  rows = renewed,
  isWritten: () => Promise<boolean> = () => Promise.resolve(false),
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const error = await failureOf(() => writeRows(destination, stream, rows, options));
    if (error === undefined || (await isWritten())) return;
    if (error instanceof ConnectorError && error.kind === 'transient' && attempt < mostAttempts) continue;
    throw new NonConformance(`${options.mode} ${what}, attempt ${attempt}: ${shownFailure(error)}`);
  }
}

const effects: Requirement<DestinationBench> = {
  title: 'a write that fails says whether it can have taken place: `unknown` if its rows are there',
  answers: ['dlt#4052', 'milvus#50007', 'convex-backend#559'],
  check: async (bench) => {
    const told = { none: 0, unknown: 0, success: 0 };
    const count = await eachAnswerLost(
      bench,
      { name: 'effect', key: [] },
      async ({ destination, stream, what }) => {
        const rows = eventRows(51, 90);
        const error = await failureOf(() =>
          writeRows(destination, stream, rows, { mode: 'append', signal: bench.signal }),
        );
        await untilIdle(bench, `a write ${what}`);
        const isThere = (await streamsOf(bench).count(stream.name)) > old.length;
        if (error === undefined && isThere) {
          told.success += 1;
          return;
        }
        if (!(error instanceof ConnectorError) || error.kind !== 'transient') {
          throw new NonConformance(
            `a write ${what} is told as ${error === undefined ? 'a success' : shownFailure(error)}`,
          );
        }
        if (error.effect === 'none' && isThere) {
          throw new NonConformance(`a write ${what} is told to have had no effect, and its rows are there`);
        }
        told[error.effect] += 1;
      },
    );
    await brokenBefore(bench);
    return `${count} answers lost: no effect told ${told.none} times, unknown ${told.unknown} times, written all the same ${told.success} times`;
  },
};

/** Nothing can have been committed while batches were still to come, and whoever knows that must not say `unknown`. */
async function brokenBefore(bench: DestinationBench): Promise<void> {
  await using link = await linkTo(bench);
  const stream = eventStream('broken');
  await streamsOf(bench).create(stream);
  const batches = taken(batchesOf(stream, eventRows(1, 100), 10), (nth) => {
    if (nth === 6) for (const connection of link.connections) connection.reset();
  });
  const error = await failureOf(() =>
    methodOf(bench.open(link.endpoint), 'write')(stream, batches, { mode: 'append', signal: bench.signal }),
  );
  await untilIdle(bench, 'a broken write');
  const rows = await streamsOf(bench).count('broken');
  // One that connects only when it has all batches has nothing that could break.
  if (error === undefined && rows === 100) return;
  const isTold = error instanceof ConnectorError && error.kind === 'transient' && error.effect === 'none';
  if (isTold && rows === 0 && batches.hasEnded) return;
  const what = error === undefined ? 'a success' : shownFailure(error);
  const held = batches.hasEnded ? '' : ', and its batches are not let go';
  throw new NonConformance(
    `a connection that breaks between batches is told as ${what}, with ${rows} rows there${held}`,
  );
}

export const lostAnswerRequirements = {
  'repeatable-after-lost-answers': repeatable,
  'append-once-after-lost-answers': appendOnce,
  'effects-are-told': effects,
} as const;
