import { ConnectorError, type StateStore } from '@sqlflow/connector-contract';
import { isDeepStrictEqual } from 'node:util';
import { pause, within } from '../../deadline.js';
import { failureOf, shownFailure } from '../failure.js';
import { NonConformance, type Requirement } from '../requirement.js';
import { checkpointAt, linkTo, requireStored, type StateStoreBench } from './state-store-bench.js';

/** How soon a call must be over when its signal aborts. */
const endingMs = 5_000;
/** Time for a call to come to where it waits. It must end in the same way if it is not there yet. */
const stuckMs = 100;

type Call = (store: StateStore, signal: AbortSignal, replaces: string) => Promise<unknown>;

const calls: Readonly<Record<'load' | 'save', Call>> = {
  load: (store, signal) => store.load('stream', signal),
  save: (store, signal, replaces) => store.save('stream', checkpointAt('aborted'), { replaces, signal }),
};

const abort: Requirement<StateStoreBench> = {
  title: 'what is aborted throws the reason soon, though the server does not answer',
  answers: [],
  check: async (bench) => {
    const store = bench.open();
    const kept = checkpointAt('kept');
    const replaces = await store.save('stream', kept, { replaces: undefined, signal: bench.signal });
    const reason = new Error('the reason of the abort');
    for (const [name, call] of Object.entries(calls)) {
      const error = await failureOf(() => call(store, AbortSignal.abort(reason), replaces));
      requireReason(error, reason, `a ${name} whose signal has aborted before`);
    }
    requireStored(
      await store.load('stream', bench.signal),
      kept,
      replaces,
      'a save whose signal had aborted before',
    );
    for (const [name, call] of Object.entries(calls)) {
      await using link = await linkTo(bench);
      const other = bench.open(link.endpoint);
      await other.load('stream', bench.signal);
      link.add({ type: 'timeout', direction: 'downstream', timeoutMs: 0 });
      const controller = new AbortController();
      const calling = failureOf(() => call(other, controller.signal, replaces));
      await Promise.race([calling, pause(stuckMs, bench.signal)]);
      controller.abort(reason);
      const limit = { what: `ending a ${name} at an abort`, ms: endingMs, signal: bench.signal };
      const error = await within(limit, () => calling);
      requireReason(error, reason, `a ${name} that is aborted while the server does not answer`);
    }
    return 'load and save, before and while the server does not answer';
  },
};

function requireReason(error: unknown, reason: Error, what: string): void {
  if (error === reason) return;
  const told = error === undefined ? 'nothing' : shownFailure(error);
  throw new NonConformance(`${what} throws ${told}; it must throw the signal's reason`);
}

const errors: Requirement<StateStoreBench> = {
  title: 'a server that cannot be used, and a store that is closed, are told by their codes',
  answers: [],
  check: async ({ fixture, open, signal }) => {
    const told = async (store: StateStore, code: string, what: string): Promise<void> => {
      for (const [name, call] of Object.entries(calls)) {
        const error = await failureOf(() => call(store, signal, 'a revision'));
        if (error instanceof ConnectorError && error.code === code && error.effect === 'none') continue;
        const as = error === undefined ? 'a success' : shownFailure(error);
        throw new NonConformance(`${name}: ${what} is told as ${as}, not as ${code} without effect`);
      }
    };
    for (const { stage, code, endpoint } of fixture.failing)
      await told(open(endpoint), code, `a failure of ${stage}`);
    const store = open();
    await store.load('stream', signal);
    await store[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    await told(store, 'closed', 'a store that is closed');
    return `${fixture.failing.map(({ code }) => code).join(', ')}, closed`;
  },
};

/** A save that makes the server say more often that something is done is not tried to its end. */
const mostAnswers = 40;

const lostAnswers: Requirement<StateStoreBench> = {
  title: 'a save whose answer is lost is told with effect `unknown`, and load tells what became of it',
  answers: ['dlt#4052', 'milvus#50007', 'convex-backend#559'],
  check: async (bench) => {
    const { loseAnswer } = bench.fixture;
    if (loseAnswer === undefined) throw new NonConformance('the fixture has no way to lose an answer');
    const told = { none: 0, unknown: 0, success: 0 };
    for (const first of [true, false]) {
      for (let nth = 1; ; nth += 1) {
        if (nth > mostAnswers)
          throw new NonConformance(`the server answers a save more than ${mostAnswers} times`);
        await using link = await linkTo(bench);
        const lost = loseAnswer(link, nth);
        told[
          await saveWithLoss(bench, bench.open(link.endpoint), `${first ? 'first' : 'next'} ${nth}`, first)
        ] += 1;
        if (lost.fired > 0) continue;
        if (nth === 1)
          throw new NonConformance('a save took place, and no answer of the server was seen to lose');
        break;
      }
    }
    return `effect none ${told.none} times, unknown ${told.unknown} times, saved ${told.success} times`;
  },
};

/** Saves over a link on which an answer gets lost, and goes on from what is there then. */
async function saveWithLoss(
  { open, signal }: StateStoreBench,
  store: StateStore,
  name: string,
  isFirst: boolean,
): Promise<'none' | 'unknown' | 'success'> {
  const other = open();
  const before = isFirst ? undefined : checkpointAt('before');
  const replaces = before && (await other.save(name, before, { replaces: undefined, signal }));
  const own = checkpointAt('own');
  let revision: string | undefined;
  const error = await failureOf(async () => {
    revision = await store.save(name, own, { replaces, signal });
  });
  const found = await other.load(name, signal);
  const isStored = isDeepStrictEqual(found?.checkpoint, own);
  if (error === undefined) {
    requireStored(found, own, revision, `save "${name}", which is told to have taken place`);
  } else if (!(error instanceof ConnectorError) || error.kind !== 'transient') {
    throw new NonConformance(`save "${name}", whose answer was lost, is told as ${shownFailure(error)}`);
  } else if (isStored && error.effect === 'none') {
    throw new NonConformance(
      `save "${name}", whose answer was lost, is told to have had no effect, and it is stored`,
    );
  } else if (!isStored) {
    requireStored(found, before, replaces, `save "${name}", which did not take place`);
  }
  // Whoever goes on from what was loaded is not in anybody's way.
  const next = await other.save(name, checkpointAt('next'), { replaces: found?.revision, signal });
  requireStored(await other.load(name, signal), checkpointAt('next'), next, `the save after "${name}"`);
  await Promise.all([store[Symbol.asyncDispose](), other[Symbol.asyncDispose]()]);
  return error === undefined ? 'success' : error.effect;
}

export const failingRequirements = {
  'abort-throws-the-reason': abort,
  'errors-have-codes': errors,
  'lost-answers-are-unknown': lostAnswers,
} as const;
