import { type Checkpoint, ConnectorError, type Row } from '@sqlflow/connector-contract';
import { pause, within } from '../../deadline.js';
import { stopwatch } from '../../events.js';
import { toxicLink } from '../../fault/toxic-link.js';
import type { Direction } from '../../fault/inspector.js';
import type { ToxicOptions } from '../../fault/toxic/kinds.js';
import { HarnessError } from '../../harness-error.js';
import { evidenceOf, NonConformance } from '../requirement.js';
import { compareRows } from '../rows-compare.js';
import { seededRandom, type SeededRandom } from '../seeded-random.js';
import { cursorStream } from './cursor-requirements.js';
import { from, readIncrementally } from './incremental-read.js';
import type { SourceConformanceOptions } from './source-conformance.js';
import type { Address, FixtureTransaction, SourceFixture, StreamFixture } from './source-fixture.js';

export interface SoakOptions<Endpoint extends Address> extends Pick<
  SourceConformanceOptions<Endpoint>,
  'open' | 'lease'
> {
  /** Of the first schedule; each later one has the next. 0 to 2^32 - 1. */
  readonly seed: number;
  /** Whether another schedule is to be begun. */
  readonly goOn: (soFar: SoakReport) => boolean;
  readonly onSchedule?: (result: ScheduleResult, soFar: SoakReport) => void;
  /** Ends the run after the schedule that is under way has been given up. */
  readonly signal?: AbortSignal;
}

/** What one schedule came to: some writers beside a reader whose connections break. */
export interface ScheduleResult {
  readonly seed: number;
  /** Committed by the writers. */
  readonly rows: number;
  readonly reads: number;
  /** Reads that a fault or a kill has ended. */
  readonly brokenReads: number;
  readonly lost: number;
  readonly repeated: number;
  /** Given, and never committed. */
  readonly strange: number;
  /** Why the schedule came to no end. */
  readonly failure?: string;
  readonly tookMs: number;
}

export interface SoakReport {
  readonly schedules: number;
  readonly rows: number;
  readonly reads: number;
  readonly brokenReads: number;
  readonly lost: number;
  readonly repeated: number;
  readonly strange: number;
  /** The seeds of the schedules that lost or repeated a row, or came to no end. */
  readonly failedSeeds: readonly number[];
}

const nothing: SoakReport = {
  ...{ schedules: 0, rows: 0, reads: 0, brokenReads: 0, lost: 0, repeated: 0, strange: 0 },
  failedSeeds: [],
};
const scheduleTimeoutMs = 120_000;
const stream = cursorStream('event', 'timestamptz');

/**
 * Reads incrementally beside writers, through links that break and from sources that are killed, schedule after schedule, and
 * counts what is lost and repeated. The seed of a schedule decides what writers do, where links break and how long everybody
 * waits; how the server lets them meet it does not decide, so a schedule that failed once may have to be run some times.
 *
 * @throws HarnessError `invalid-option` if the fixture has no streams or no transactions; `signal.reason` on abort.
 */
export async function soakSource<Endpoint extends Address>(
  options: SoakOptions<Endpoint>,
): Promise<SoakReport> {
  let report = nothing;
  for (let seed = options.seed; options.goOn(report); seed = (seed + 1) >>> 0) {
    options.signal?.throwIfAborted();
    const result = await runSchedule(options, seed);
    report = sum(report, result);
    options.onSchedule?.(result, report);
  }
  return report;
}

async function runSchedule<Endpoint extends Address>(
  { open, lease, signal }: SoakOptions<Endpoint>,
  seed: number,
): Promise<ScheduleResult> {
  const tookMs = stopwatch();
  await using fixture = await lease();
  const run = new Schedule(fixture, open, seededRandom(seed), seed);
  const limit = { what: `schedule ${String(seed)}`, ms: scheduleTimeoutMs, signal };
  const failure = await within(limit, (ended) => run.run(ended)).then(
    () => undefined,
    (error: unknown) => {
      signal?.throwIfAborted();
      if (error instanceof HarnessError && error.code === 'invalid-option') throw error;
      return evidenceOf(error);
    },
  );
  return { seed, ...run.counts(), ...(failure !== undefined && { failure }), tookMs: tookMs() };
}

class Schedule<Endpoint extends Address> {
  readonly #streams: StreamFixture & Required<Pick<StreamFixture, 'begin'>>;
  readonly #committed: Row[] = [];
  readonly #given: Row[] = [];
  #reads = 0;
  #brokenReads = 0;
  #id = 0n;

  constructor(
    private readonly fixture: SourceFixture<Endpoint>,
    private readonly open: SoakOptions<Endpoint>['open'],
    private readonly random: SeededRandom,
    private readonly seed: number,
  ) {
    const { streams } = fixture;
    if (streams?.begin === undefined) {
      throw new HarnessError('invalid-option', 'a soak needs a fixture with streams and transactions');
    }
    this.#streams = streams as typeof streams & { begin: NonNullable<typeof streams.begin> };
  }

  counts(): Omit<ScheduleResult, 'seed' | 'tookMs'> {
    const { lost, repeated, strange } = compareRows(this.#given, this.#committed);
    return {
      rows: this.#committed.length,
      reads: this.#reads,
      brokenReads: this.#brokenReads,
      ...{ lost: lost.length, repeated: repeated.length, strange: strange.length },
    };
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#streams.create(stream);
    await this.#writeFirst();
    // Random numbers are drawn by each for itself, so that nobody's depend on how fast another is.
    const writers = Array.from({ length: this.random.integer(1, 4) }, (_, index) =>
      this.#write(seededRandom(this.seed, index), signal),
    );
    const state = { isWriting: true };
    const written = Promise.all(writers).finally(() => (state.isWriting = false));
    // Whoever reads is told below.
    written.catch(() => undefined);
    let checkpoint: Checkpoint | undefined;
    const script = faults(this.random);
    await using link = await toxicLink(this.fixture.endpoint, { seed: this.seed, script });
    while (state.isWriting) checkpoint = await this.#read(link.endpoint, checkpoint, signal);
    await written;
    link.clear();
    // The first of these ends what was begun, the second finds what has become final meanwhile.
    checkpoint = await this.#read(this.fixture.endpoint, checkpoint, signal);
    await this.#read(this.fixture.endpoint, checkpoint, signal);
  }

  /** So many rows that the first reads have many batches, and break between them. */
  async #writeFirst(): Promise<void> {
    await using transaction = await this.#streams.begin();
    const cursor = await transaction.stamp();
    const rows = Array.from({ length: this.random.integer(0, 150) }, () => ({ id: ++this.#id, cursor }));
    await transaction.insert(stream.name, rows);
    await transaction.commit();
    this.#committed.push(...rows);
  }

  /** Transactions of a few rows, some of one stamp, that commit at once, later or never. */
  async #write(random: SeededRandom, signal: AbortSignal): Promise<void> {
    for (let count = random.integer(3, 12); count > 0; count -= 1) {
      await using transaction = await this.#streams.begin();
      const rows: Row[] = [];
      let stamp = await transaction.stamp();
      for (let row = random.integer(1, 5); row > 0; row -= 1) {
        if (random.integer(0, 1) === 1) stamp = await transaction.stamp();
        rows.push(await this.#insert(transaction, stamp));
      }
      if (random.integer(0, 2) === 0) await pause(random.integer(1, 60), signal);
      if (random.integer(0, 5) === 0) continue;
      await transaction.commit();
      this.#committed.push(...rows);
    }
  }

  async #insert(transaction: FixtureTransaction, cursor: string): Promise<Row> {
    this.#id += 1n;
    const row = { id: this.#id, cursor };
    await transaction.insert(stream.name, [row]);
    return row;
  }

  /** One read, by a source of its own, which may be killed in the middle. @returns where to go on */
  async #read(
    endpoint: Endpoint,
    checkpoint: Checkpoint | undefined,
    signal: AbortSignal,
  ): Promise<Checkpoint | undefined> {
    this.#reads += 1;
    const source = this.open(endpoint);
    const batches = this.random.integer(0, 4) === 0 ? { batches: this.random.integer(1, 3) } : {};
    let reached = checkpoint;
    try {
      await readIncrementally(source, stream, {
        ...from(checkpoint),
        ...(endpoint === this.fixture.endpoint ? {} : batches),
        cursorField: 'cursor',
        batchRows: this.random.integer(1, 20),
        signal,
        onBatch: (rows, at) => {
          this.#given.push(...rows);
          reached = at;
        },
      });
      return reached;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof NonConformance) throw error;
      const isTransient = error instanceof ConnectorError && error.kind === 'transient';
      if (!isTransient || endpoint === this.fixture.endpoint) throw error;
      this.#brokenReads += 1;
      return reached;
    } finally {
      await source[Symbol.asyncDispose]();
    }
  }
}

/** What happens to the connections of a schedule: some break somewhere, some are slow. */
function faults(random: SeededRandom): ToxicOptions[] {
  return Array.from({ length: random.integer(0, 20) }, (_, index) => {
    const connections = [random.integer(1, 2 * index + 2)];
    const afterBytes = random.integer(0, 12_000);
    const direction = random.of<Direction>(['upstream', 'downstream']);
    const toxic: ToxicOptions = random.of<ToxicOptions>([
      { type: 'reset_peer', afterBytes, direction },
      { type: 'limit_data', afterBytes, direction },
      { type: 'timeout', timeoutMs: random.integer(1, 100), direction },
      { type: 'down' },
      { type: 'latency', latencyMs: random.integer(1, 20), jitterMs: 1, direction },
      { type: 'slicer', averageBytes: random.integer(2, 100), variationBytes: 1, direction },
    ]);
    return { ...toxic, connections };
  });
}

function sum(report: SoakReport, result: ScheduleResult): SoakReport {
  const { rows, reads, brokenReads, lost, repeated, strange, failure, seed } = result;
  const hasFailed = failure !== undefined || lost + repeated + strange > 0;
  return {
    schedules: report.schedules + 1,
    rows: report.rows + rows,
    reads: report.reads + reads,
    brokenReads: report.brokenReads + brokenReads,
    lost: report.lost + lost,
    repeated: report.repeated + repeated,
    strange: report.strange + strange,
    failedSeeds: hasFailed ? [...report.failedSeeds, seed] : report.failedSeeds,
  };
}
