import type { Clock } from '@sqlflow/resilience';
import { until } from './until.js';

/** How long whoever gives the blocks may take to let go of what it holds. */
const lettingGoMs = 1_000;

/** Takes what is to be written, a block at a time. */
export class BlockReader<Block> {
  readonly #open: () => AsyncIterator<Block, unknown, undefined> | Iterator<Block, unknown, undefined>;
  readonly #clock: Clock;
  #iterator: AsyncIterator<Block, unknown, undefined> | Iterator<Block, unknown, undefined> | undefined;
  #isTaking = false;
  #isOver = false;

  constructor(blocks: AsyncIterable<Block> | Iterable<Block>, clock: Clock) {
    this.#open = () =>
      Symbol.asyncIterator in blocks ? blocks[Symbol.asyncIterator]() : blocks[Symbol.iterator]();
    this.#clock = clock;
  }

  /**
   * The next block, `undefined` after the last.
   *
   * @throws what the blocks throw, or the reason of the first of `signals` that aborts.
   */
  async next(signals: readonly AbortSignal[]): Promise<Block | undefined> {
    for (const signal of signals) signal.throwIfAborted();
    const iterator = (this.#iterator ??= this.#open());
    this.#isTaking = true;
    const taken = (async () => iterator.next())().then(
      (result) => {
        this.#isTaking = false;
        this.#isOver = result.done === true;
        return result;
      },
      (error: unknown) => {
        this.#isOver = true;
        throw error;
      },
    );
    const result = await until(taken, signals);
    return result.done === true ? undefined : result.value;
  }

  /** Lets go of the blocks that were not taken. One that is still being made is not waited for. */
  async end(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    // A failure to clean up would hide why there was something to clean up.
    const ended = (async () => this.#iterator?.return?.())().catch(() => undefined);
    if (this.#isTaking) return;
    const waiting = new AbortController();
    const bound = this.#clock.sleep(lettingGoMs, waiting.signal).catch(() => undefined);
    await Promise.race([ended, bound]);
    waiting.abort();
  }
}
