import { type Checkpoint, ConnectorError } from '@sqlflow/connector-contract';
import type { RecordBatch } from 'apache-arrow';
import { isDeepStrictEqual } from 'node:util';
import { pause, within } from '../../deadline.js';
import { failureOf, shownFailure } from '../failure.js';
import { refusal } from '../refusal.js';
import { NonConformance, type Requirement } from '../requirement.js';
import { untilIdle } from '../until-idle.js';
import { batchesOf } from './batches.js';
import {
  type DestinationBench,
  type DestinationUnderTest,
  linkTo,
  methodOf,
  requireStored,
  streamsOf,
  taken,
  writeRows,
} from './destination-bench.js';
import { eventRows, eventStream } from './event-stream.js';

const stream = eventStream('event');
const old = eventRows(1, 20, 'old');
const modes = ['append', 'replace', 'upsert'] as const;
type Mode = (typeof modes)[number];

/** Four batches, of rows that are new, or some of them in the place of others. */
function given(mode: Mode = 'append'): RecordBatch[] {
  return batchesOf(stream, mode === 'append' ? eventRows(21, 60, 'new') : eventRows(11, 50, 'new'), 10);
}

const kept: Checkpoint = { format: 'conformance', version: 1, position: 'kept' };
const dropped: Checkpoint = { ...kept, position: 'dropped' };

function optionsOf(mode: Mode, signal: AbortSignal) {
  return { mode, ...(mode === 'upsert' && { key: ['id'] }), checkpoint: dropped, signal };
}

/** A stream with rows and a checkpoint, which must be found again after a write that was ended. */
async function prepare(bench: DestinationBench): Promise<void> {
  await streamsOf(bench).create(stream);
  await using destination = bench.open();
  await writeRows(destination, stream, old, { mode: 'append', checkpoint: kept, signal: bench.signal });
}

async function requireUntouched(bench: DestinationBench, what: string): Promise<void> {
  await untilIdle(bench, what);
  await requireStored(bench, stream, old, what);
  await using reader = bench.open();
  const found = await methodOf(reader, 'committedCheckpoint')(stream, bench.signal);
  if (isDeepStrictEqual(found, kept)) return;
  throw new NonConformance(`after ${what} the checkpoint is ${JSON.stringify(found)}`);
}

const throwing: Requirement<DestinationBench> = {
  title: 'batches that throw leave nothing, and what they threw is what is thrown',
  answers: [],
  check: async (bench) => {
    await prepare(bench);
    const destination = bench.open();
    for (const mode of modes) {
      for (const last of [0, 1, 3]) {
        const what = `${mode} of batches that throw after ${last}`;
        const reason = new Error('the reason of the batches');
        const batches = taken(given(mode), (nth) => {
          if (nth > last) throw reason;
        });
        const options = optionsOf(mode, bench.signal);
        const error = await failureOf(() => methodOf(destination, 'write')(stream, batches, options));
        await requireUntouched(bench, what);
        if (error === reason) continue;
        throw new NonConformance(
          `${what}: ${error === undefined ? 'nothing' : shownFailure(error)} is thrown`,
        );
      }
    }
    await writeRows(destination, stream, eventRows(21, 30), { mode: 'append', signal: bench.signal });
    await requireStored(bench, stream, [...old, ...eventRows(21, 30)], 'a write after those');
    return `${modes.join(', ')}, after 0, 1 and 3 batches, by one destination, which then writes`;
  },
};

/** How soon a write must be over when its signal aborts, however long the server would take. */
const endingMs = 5_000;
/** Time for a write to come to where it cannot go on. It must end in the same way if it is not there yet. */
const stuckMs = 100;

/** Has `write` begin, and its signal abort. @throws NonConformance unless it ends soon, with the reason. */
async function requireAborted(
  bench: DestinationBench,
  what: string,
  write: (signal: AbortSignal, abort: () => void) => Promise<unknown>,
): Promise<void> {
  const controller = new AbortController();
  const reason = new Error('the reason of the abort');
  const aborted = new Promise<void>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve());
  });
  const writing = failureOf(() => write(controller.signal, () => controller.abort(reason)));
  await Promise.race([writing, aborted]);
  const limit = { what: `ending a write at an abort ${what}`, ms: endingMs, signal: bench.signal };
  const error = await within(limit, () => writing);
  if (error === reason) return;
  const told = error === undefined ? 'nothing is thrown' : `${shownFailure(error)} is thrown`;
  throw new NonConformance(`at an abort ${what} ${told}; it must be the signal's reason`);
}

const abort: Requirement<DestinationBench> = {
  title: 'a write that is aborted throws the reason soon, leaves nothing, and ends on the server',
  answers: [],
  check: async (bench) => {
    await prepare(bench);
    const write = (destination: DestinationUnderTest) => methodOf(destination, 'write');
    for (const mode of modes) {
      const what = `of ${mode} between batches`;
      let batches = taken([]);
      await requireAborted(bench, what, (signal, abortNow) => {
        batches = taken(given(mode), (nth) => {
          if (nth === 3) abortNow();
        });
        return write(bench.open())(stream, batches, optionsOf(mode, signal));
      });
      await requireUntouched(bench, `an abort ${what}`);
      if (!batches.hasEnded) throw new NonConformance(`after an abort ${what} the batches are not let go`);
    }
    const untaken = taken(given());
    await requireAborted(bench, 'before the write', (signal, abortNow) => {
      abortNow();
      return write(bench.open())(stream, untaken, optionsOf('append', signal));
    });
    if (untaken.batches > 0)
      throw new NonConformance('batches are taken though the signal had aborted before');
    await requireAborted(bench, 'while no batch comes', (signal, abortNow) => {
      const batches = hanging(given(), abortNow);
      return write(bench.open())(stream, batches, optionsOf('append', signal));
    });
    await requireUntouched(bench, 'an abort while no batch comes');
    await abortStalled(bench);
    return `${modes.join(', ')} between batches; before the write; while no batch comes; while the server does not answer`;
  },
};

/** Gives some batches, and then neither another one nor an end. */
async function* hanging(batches: readonly RecordBatch[], onHang: () => void): AsyncGenerator<RecordBatch> {
  yield* batches;
  onHang();
  await new Promise<never>(() => undefined);
}

/** The server hears nothing more, so that what was sent is never answered. */
async function abortStalled(bench: DestinationBench): Promise<void> {
  const what = 'while the server does not answer';
  {
    await using link = await linkTo(bench);
    await requireAborted(bench, what, (signal, abortNow) => {
      const batches = taken(given(), (nth) => {
        if (nth !== 3) return;
        link.add({ type: 'timeout', direction: 'upstream', timeoutMs: 0 });
        void pause(stuckMs).then(abortNow);
      });
      return methodOf(bench.open(link.endpoint), 'write')(stream, batches, optionsOf('append', signal));
    });
  }
  await requireUntouched(bench, `an abort ${what}`);
}

const errors: Requirement<DestinationBench> = {
  title: 'what cannot be written, and a destination that is closed, are told by their codes, with no effect',
  answers: [],
  check: async (bench) => {
    await prepare(bench);
    const { open, signal } = bench;
    const append = { mode: 'append', signal } as const;
    const rows = given();
    const destination = open();
    const write = methodOf(destination, 'write');
    const cases = {
      'a stream that is not there': ['not-found', () => write({ name: 'no_such_stream' }, rows, append)],
      'an upsert without a key': ['invalid-option', () => write(stream, rows, { mode: 'upsert', signal })],
      'an upsert with an empty key': [
        'invalid-option',
        () => write(stream, rows, { mode: 'upsert', key: [], signal }),
      ],
      'a key of a column that is not there': [
        'invalid-option',
        () => write(stream, rows, { mode: 'upsert', key: ['id', 'no_such_column'], signal }),
      ],
    } as const;
    for (const [what, [code, work]] of Object.entries(cases)) {
      const told = await refusal(work);
      if (told !== code) throw new NonConformance(`${what} is told as ${told}, not as ${code}`);
    }
    // Its key is there already, and that of the batches before is not.
    const clash = batchesOf(stream, [...eventRows(30, 60), ...eventRows(1, 1)], 10);
    const error = await failureOf(() => write(stream, clash, { ...append, checkpoint: dropped }));
    if (!(error instanceof ConnectorError) || error.kind !== 'terminal' || error.effect !== 'none') {
      const told = error === undefined ? 'a success' : shownFailure(error);
      throw new NonConformance(
        `a row that the stream cannot take is told as ${told}, not as terminal and without effect`,
      );
    }
    await requireUntouched(bench, 'those');
    await destination[Symbol.asyncDispose]();
    await destination[Symbol.asyncDispose]();
    for (const work of [
      () => write(stream, rows, append),
      () => methodOf(destination, 'committedCheckpoint')(stream, signal),
    ]) {
      const told = await refusal(work);
      if (told !== 'closed') throw new NonConformance(`a destination that is closed is told as ${told}`);
    }
    await closedMeanwhile(bench);
    return `${Object.keys(cases).length} writes refused, a row that the stream cannot take (${error.code}), a destination closed before and in the middle`;
  },
};

async function closedMeanwhile(bench: DestinationBench): Promise<void> {
  const destination = bench.open();
  let closing: Promise<void> | undefined;
  const batches = taken(given(), (nth) => {
    if (nth === 3) closing = Promise.resolve(destination[Symbol.asyncDispose]());
  });
  const options = { mode: 'append', signal: bench.signal } as const;
  const told = await refusal(() => methodOf(destination, 'write')(stream, batches, options));
  await closing;
  if (told !== 'closed')
    throw new NonConformance(`a destination that is closed in the middle of a write is told as ${told}`);
  await requireUntouched(bench, 'closing the destination');
}

export const endingRequirements = {
  'throwing-batches-leave-nothing': throwing,
  'aborted-writes-leave-nothing': abort,
  'errors-have-codes': errors,
} as const;
