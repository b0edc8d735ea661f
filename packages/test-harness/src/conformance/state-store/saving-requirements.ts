import { ConnectorError } from '@sqlflow/connector-contract';
import { failureOf, shownFailure } from '../failure.js';
import { hostileNames } from '../hostile-names.js';
import { jsonOfAllKinds } from '../json-of-all-kinds.js';
import { NonConformance, type Requirement } from '../requirement.js';
import { addOne } from './counting.js';
import { checkpointAt, requireStored, type StateStoreBench } from './state-store-bench.js';
import { inStateStoreProcess } from './state-store-process.js';

const KiB = 2 ** 10;
/** Checkpoints do not grow with what has been read; this is far more than one has. */
const longPosition = { text: '€'.repeat(20 * KiB), list: Array.from({ length: 1000 }, (_, index) => index) };

const loaded: Requirement<StateStoreBench> = {
  title: 'what is saved is loaded, by every store that looks there',
  answers: ['airbyte#72936', 'airbyte#11661'],
  check: async ({ open, signal }) => {
    const [store, other] = [open(), open()];
    for (const one of [store, other])
      requireStored(await one.load('new', signal), undefined, undefined, 'a new name');
    let replaces: string | undefined;
    const positions = [...jsonOfAllKinds, longPosition];
    for (const [version, position] of positions.entries()) {
      const checkpoint = { format: `format ${version}`, version, position };
      replaces = await store.save('new', checkpoint, { replaces, signal });
      for (const one of [store, other, store]) {
        requireStored(await one.load('new', signal), checkpoint, replaces, `save ${version + 1}`);
      }
    }
    await store[Symbol.asyncDispose]();
    requireStored(
      await open().load('new', signal),
      { format: `format ${positions.length - 1}`, version: positions.length - 1, position: longPosition },
      replaces,
      'a store that is opened when the one that saved is closed',
    );
    return `${positions.length} positions, the longest of ${JSON.stringify(longPosition).length} characters`;
  },
};

/** @throws NonConformance unless a save is refused as a conflict, which can be repeated only by who looks again. */
async function requireConflict(what: string, save: () => Promise<string>): Promise<void> {
  requireIsConflict(what, await failureOf(save));
}

/** @param error - What a save has thrown, or `undefined`. */
function requireIsConflict(what: string, error: unknown): void {
  const isConflict = error instanceof ConnectorError && error.code === 'conflict';
  if (isConflict && error.kind === 'terminal' && error.effect === 'none') return;
  const told = error === undefined ? 'a success' : shownFailure(error);
  throw new NonConformance(`${what} is told as ${told}, not as a conflict, terminal and without effect`);
}

const revisions: Requirement<StateStoreBench> = {
  title: 'a save takes place only if it replaces the revision that is stored',
  answers: [],
  check: async ({ open, signal }) => {
    const [store, other] = [open(), open()];
    const [first, second, third] = [checkpointAt('first'), checkpointAt('second'), checkpointAt('third')];
    const none = () => store.save('stream', first, { replaces: 'no such revision', signal });
    await requireConflict('a save that replaces a revision where there is none', none);
    requireStored(await store.load('stream', signal), undefined, undefined, 'a save that was refused');
    const firstRevision = await store.save('stream', first, { replaces: undefined, signal });
    for (const [who, one] of [['the same', store] as const, ['another', other] as const]) {
      const again = () => one.save('stream', second, { replaces: undefined, signal });
      await requireConflict(`a first save where there is one, by ${who} store`, again);
    }
    requireStored(await other.load('stream', signal), first, firstRevision, 'saves that were refused');
    const secondRevision = await other.save('stream', second, { replaces: firstRevision, signal });
    for (const [who, one] of [['the same', store] as const, ['another', other] as const]) {
      const stale = () => one.save('stream', third, { replaces: firstRevision, signal });
      await requireConflict(`a save that replaces what was replaced, by ${who} store`, stale);
    }
    requireStored(await store.load('stream', signal), second, secondRevision, 'saves that were refused');
    return '5 saves refused, 2 taken';
  },
};

const savers = 16;
const rounds = 8;

const oneWins: Requirement<StateStoreBench> = {
  title: `of ${savers} that replace one revision at once, exactly one does, and the others are told a conflict`,
  answers: [],
  check: async ({ open, signal }) => {
    const stores = Array.from({ length: savers }, () => open());
    // Connected before, so that none comes late.
    await Promise.all(stores.map((store) => store.load('contested', signal)));
    let replaces: string | undefined;
    for (let round = 1; round <= rounds; round += 1) {
      const held = replaces;
      const outcomes = await Promise.all(
        stores.map(async (store, saver) => {
          let revision: string | undefined;
          const checkpoint = checkpointAt([round, saver]);
          const error = await failureOf(async () => {
            revision = await store.save('contested', checkpoint, { replaces: held, signal });
          });
          return { checkpoint, revision, error };
        }),
      );
      const [winner, ...others] = outcomes.filter(({ error }) => error === undefined);
      if (winner === undefined || others.length > 0) {
        throw new NonConformance(
          `round ${round}: ${others.length + (winner ? 1 : 0)} of ${savers} saves are told to have taken place`,
        );
      }
      for (const { error } of outcomes) {
        if (error !== undefined) requireIsConflict('a save that came too late', error);
      }
      for (const store of stores) {
        requireStored(
          await store.load('contested', signal),
          winner.checkpoint,
          winner.revision,
          `round ${round}`,
        );
      }
      replaces = winner.revision;
    }
    return `${rounds} rounds of ${savers} stores`;
  },
};

const counters = 2;
const timesEach = 25;

const processes: Requirement<StateStoreBench> = {
  title: 'processes that count under one name at once lose no count',
  answers: [],
  check: async (bench) => {
    const store = bench.open();
    const { endpoint } = bench.fixture;
    return await inStateStoreProcess(bench, async (run) => {
      const counting = { isOver: false };
      const tasks = Array.from({ length: counters }, () =>
        run({ task: 'count', endpoint, name: 'counted', times: timesEach }),
      );
      const counted = Promise.all(tasks).finally(() => (counting.isOver = true));
      // It is told below.
      counted.catch(() => undefined);
      let [own, conflicts] = [0, 0];
      // Beside them from their first to their last, so that there always is somebody else.
      for (; !counting.isOver; own += 1) conflicts += await addOne(store, 'counted', bench.signal);
      await counted;
      const all = counters * timesEach + own;
      const found = await store.load('counted', bench.signal);
      if (found?.checkpoint.position === all) {
        return `${all} counted by ${counters + 1} processes, one of which met ${conflicts} conflicts`;
      }
      const stored = JSON.stringify(found?.checkpoint.position);
      throw new NonConformance(`${counters + 1} processes have counted to ${all}, and ${stored} is stored`);
    });
  },
};

/** Names that are the same for who cuts, trims, folds or joins them. */
const likeNames = [
  ...[
    'name',
    'Name',
    'name ',
    ' name',
    'ﬁ',
    'fi',
    'e\u0301',
    '\u00e9',
    'a:b',
    'a/b',
    '..',
    '*',
    'null',
    'undefined',
  ],
  ...[`${'x'.repeat(200)}a`, `${'x'.repeat(200)}b`],
];

const names: Requirement<StateStoreBench> = {
  title: 'names are apart, however alike or hostile they are',
  answers: ['CVE-2022-31197'],
  check: async ({ open, signal }) => {
    const store = open();
    const all = [...hostileNames, ...likeNames];
    const saved = new Map<string, string>();
    for (const name of all) {
      requireStored(
        await store.load(name, signal),
        undefined,
        undefined,
        `name ${JSON.stringify(name)}, not saved yet`,
      );
      saved.set(name, await store.save(name, checkpointAt(name), { replaces: undefined, signal }));
    }
    for (const name of all) {
      const said = `name ${JSON.stringify(name)}`;
      requireStored(await store.load(name, signal), checkpointAt(name), saved.get(name), said);
    }
    return `${all.length} names`;
  },
};

const neverAgain: Requirement<StateStoreBench> = {
  title: 'a revision never comes again for a name, though the same is saved again',
  answers: [],
  check: async ({ open, signal }) => {
    const [store, other] = [open(), open()];
    const [a, b] = [checkpointAt('a'), checkpointAt('b')];
    const seen: string[] = [];
    for (let count = 0; count < 20; count += 1) {
      const by = count % 3 === 0 ? other : store;
      const revision = await by.save('back and forth', count % 2 === 0 ? a : b, {
        replaces: seen.at(-1),
        signal,
      });
      if (seen.includes(revision)) {
        throw new NonConformance(`save ${count + 1} has the revision of save ${seen.indexOf(revision) + 1}`);
      }
      seen.push(revision);
    }
    for (const old of seen.slice(0, -1)) {
      const save = () => store.save('back and forth', a, { replaces: old, signal });
      await requireConflict('a save that replaces a revision of long ago', save);
    }
    return `${seen.length} saves of two checkpoints in turn`;
  },
};

export const savingRequirements = {
  'saved-is-loaded': loaded,
  'save-replaces-a-revision': revisions,
  'one-of-many-saves': oneWins,
  'many-processes': processes,
  'names-are-apart': names,
  'revisions-never-come-again': neverAgain,
} as const;
