import { ConnectorError, type Filter } from '@sqlflow/connector-contract';
import { createHash } from 'node:crypto';
import { isDecodable } from '../decode/column-types.js';
import type { CatalogRow, Query } from '../plan/catalog.js';
import { type CommitGuarantee, guaranteeWith, lapseWith } from '../plan/incremental/commit-guarantee.js';
import {
  askActivity,
  choosePass,
  onStandby,
  type CursorFacts,
  type PassChoice,
  toActivity,
  unseenMs,
} from '../plan/incremental/commit-safety.js';
import {
  askBound,
  askNullCursor,
  type IncrementalRelation,
  planCursorPass,
  planNullCursors,
  planVersionPass,
} from '../plan/incremental/pass-plan.js';
import {
  type Ago,
  type CursorPosition,
  fromCheckpoint,
  type IncrementalScope,
  type Pass,
  type Position,
  type RowPosition,
  type Split,
  type VersionPosition,
} from '../plan/incremental/position.js';
import {
  askRelationFacts,
  askServerFacts,
  askSystem,
  type RelationFacts,
  toRelationFacts,
  toServerFacts,
} from '../plan/incremental/relation-facts.js';
import {
  askTransactionSet,
  grown,
  toSeenTransactions,
  type TransactionSet,
} from '../plan/incremental/transaction-set.js';
import {
  askMaterialised,
  askPlan,
  toScanned,
  toUnseenWriters,
  type UnseenWriters,
} from '../plan/incremental/unseen-writers.js';
import { columnsNamed, planColumns, type ReadPlan } from '../plan/read-plan.js';
import { titleOf } from '../plan/relation.js';
import type { ColumnDescription, TableDescription } from '../plan/table-description.js';
import { findKey, listUniqueIndexes, withoutKey } from '../plan/unique-key.js';
import type { ResolvedIncrementalOptions } from './incremental-options.js';

/** A stream as an incremental read finds it on the server. */
export interface FoundRelation extends IncrementalRelation {
  readonly scope: IncrementalScope;
  /** Why its rows do not tell which transaction wrote them; `undefined` if they do. */
  readonly withoutVersions: string | undefined;
  readonly isStandby: boolean;
  /** An index begins with the cursor; `undefined` for what has no indexes. */
  readonly isCursorIndexed: boolean | undefined;
}

/** What is to be read next. */
export interface Planned {
  readonly plan: ReadPlan;
  /** With the pass that is being made. */
  readonly position: Position;
  /** With a pass that begins here; absent for the rest of one that an earlier read has begun. */
  readonly guarantee?: CommitGuarantee;
}

/**
 * A hold-back leaves one way open: a transaction that has read the clock and is not yet seen to be open. So rows stamped this much
 * before the bound of the last read are asked for their versions once more, which also bears a clock that is set back a little.
 */
const lookBackMs = 10_000;

/** Asks the server what an incremental read has to know, and plans its passes. In use for one pass. */
export class IncrementalPlanner {
  constructor(
    private readonly table: TableDescription,
    private readonly options: ResolvedIncrementalOptions,
    /** Each question sees what has been committed by then. */
    private readonly ask: (query: Query) => Promise<readonly CatalogRow[]>,
  ) {}

  /** @throws ConnectorError `invalid-option` for a column that there is not, `unsupported` if there is no key. */
  async find(): Promise<FoundRelation> {
    const { table } = this;
    const { namespace, name, query } = table;
    const { cursorField, nullCursors, columns } = this.options;
    const isQuery = query !== undefined;
    const facts = isQuery
      ? factsOfQuery
      : toRelationFacts(await this.#askOne(askRelationFacts(namespace, name, cursorField)));
    const server = toServerFacts(await this.#askOne(askServerFacts));
    const indexes = isQuery ? [] : await this.ask(listUniqueIndexes(namespace, name));
    const [cursor] = columnsNamed(table, [cursorField], 'cursorField');
    if (cursor === undefined) throw failed('invalid-option', 'option "cursorField" is missing');
    const key = this.#key(indexes);
    return {
      table,
      columns: planColumns(table, columns, isDecodable),
      cursor,
      key,
      filter: this.options.filter,
      withNulls: nullCursors === 'include-first',
      scope: {
        namespace,
        name,
        cursorField,
        key: key.map((column) => column.name),
        nullCursors,
        filter: digestOf(this.options.filter),
        system: server.mayAskSystem ? ((await this.#askOne(askSystem))['system'] ?? '') : '',
        database: server.database,
      },
      withoutVersions: facts.withoutVersions,
      isStandby: server.isStandby,
      isCursorIndexed: facts.isCursorIndexed,
    };
  }

  /** Where to begin, or to go on. @throws ConnectorError `invalid-option` for a checkpoint of something else. */
  start(relation: FoundRelation): Position {
    const { checkpoint, commitSafety } = this.options;
    const isByVersion = relation.withoutVersions === undefined && commitSafety !== 'none';
    const begin: Position = isByVersion
      ? { by: 'versions', through: null, split: null, pass: null, lapse: null }
      : { by: 'cursor', last: null, lapse: null };
    if (checkpoint === undefined) return begin;
    const position = fromCheckpoint(checkpoint, relation.scope);
    if (position.by === begin.by) return position;
    throw failed(
      'invalid-option',
      `option "checkpoint" is of a read ${position.by === 'cursor' ? 'without' : 'with'} row versions, and this one is ` +
        `${isByVersion ? 'with' : 'without'} them (commitSafety); without a checkpoint the read begins anew`,
    );
  }

  /** @throws ConnectorError `invalid-data` if there is a row whose cursor is NULL. */
  async refuseNullCursors(relation: FoundRelation): Promise<void> {
    const answer = await this.#askOne(askNullCursor(relation));
    if (answer['has_null'] !== 't') return;
    const { name } = relation.cursor;
    const message = `${titleOf(this.table)} has rows whose ${JSON.stringify(name)} is NULL, and nullCursors is 'error'`;
    throw failed('invalid-data', message);
  }

  planNulls(relation: FoundRelation, last: RowPosition | null): ReadPlan {
    return planNullCursors(relation, last);
  }

  async plan(relation: FoundRelation, position: Position): Promise<Planned> {
    if (position.by === 'cursor') return this.#planByCursor(relation, position);
    if (position.pass !== null) return this.#planRest(relation, position, position.pass);
    return this.#planByVersion(relation, position);
  }

  async #planByCursor(relation: FoundRelation, position: CursorPosition): Promise<Planned> {
    const activity = toActivity(await this.#askOne(askActivity(unseenMs)));
    const facts = { ...factsOf(relation), unseenWriters: await this.#unseenWriters(relation) };
    const choice = choosePass(this.options, facts, activity, { running: 0, isWhole: true });
    const { until } = await this.#until(relation, choice, null);
    return {
      plan: planCursorPass(relation, position.last, until),
      position: { ...position, lapse: lapseWith(position.lapse, choice.guarantee) },
      guarantee: guaranteeWith(position.lapse, choice.guarantee),
    };
  }

  /** The order of the questions matters: what may still be stamped, then who has ended, and then, by the read, the rows. */
  async #planByVersion(relation: FoundRelation, position: VersionPosition): Promise<Planned> {
    const activity = toActivity(await this.#askOne(askActivity(0)));
    const seen = toSeenTransactions(await this.#askOne(askTransactionSet));
    const through = grown(position.through, seen);
    const transactions = { running: runningOf(through), isWhole: seen.isWhole };
    const choice = choosePass(this.options, factsOf(relation), activity, transactions);
    const bound = await this.#until(relation, choice, position.split);
    const from = lowerBound(position, choice);
    const pass: Pass = { through, ...bound, from, settled: settledBelow(bound, through, choice), last: null };
    // A lag leaves nothing out where all rows are looked at.
    const looksAtAll = from === null && choice.guarantee.kind === 'lag';
    const lapse = looksAtAll ? position.lapse : lapseWith(position.lapse, choice.guarantee);
    return {
      plan: planVersionPass(relation, position, pass),
      position: { ...position, pass, lapse },
      guarantee: guaranteeWith(position.lapse, choice.guarantee),
    };
  }

  /** The rest of a pass that an earlier read has begun. A standby may not have received all that it is about. */
  #planRest(relation: FoundRelation, position: VersionPosition, pass: Pass): Planned {
    const lapse = relation.isStandby ? lapseWith(position.lapse, onStandby) : position.lapse;
    return { plan: planVersionPass(relation, position, pass), position: { ...position, lapse } };
  }

  /** What a read without row versions cannot see, as its plan tells. Not asked where nothing is claimed anyway. */
  async #unseenWriters(relation: FoundRelation): Promise<UnseenWriters | undefined> {
    if (this.options.commitSafety === 'none') return undefined;
    const scanned = toScanned(await this.#askOne(askPlan(planCursorPass(relation, null, null))));
    return toUnseenWriters(scanned, await this.#askOne(askMaterialised(scanned.relations)));
  }

  /** The exclusive upper bound of a pass, `null` if it has none, and whether nothing can be stamped below it any more. */
  async #until(relation: FoundRelation, choice: PassChoice, split: Split | null): Promise<Bound> {
    const asked = this.options.until ?? null;
    const safe = choice.before ?? null;
    const given = split?.at ?? null;
    if (asked === null && safe === null) return { until: null, isFinal: false };
    const answer = await this.#askOne(askBound(relation.cursor, asked, safe, given));
    if (answer['is_before'] !== 't') {
      // What was given before may reach further than what is safe now.
      const isFinal = choice.isFinal && (answer['is_given'] !== 't' || split?.isFinal === true);
      return { until: answer['until'] ?? null, isFinal };
    }
    throw failed(
      'invalid-option',
      `option "until" is ${JSON.stringify(asked)}, which lies before ${JSON.stringify(given)}, up to where the checkpoint has read`,
    );
  }

  #key(indexes: readonly CatalogRow[]): readonly ColumnDescription[] {
    const { key, atLeastOnce } = this.options;
    const found = findKey(this.table, indexes, key);
    if (found !== undefined) return found.columns;
    if (atLeastOnce) return [];
    throw failed('unsupported', `${withoutKey(this.table)}, or accept repeats with atLeastOnce`);
  }

  async #askOne(query: Query): Promise<CatalogRow> {
    const [row] = await this.ask(query);
    return row ?? {};
  }
}

/** Of a pass. */
type Bound = Pick<Pass, 'until' | 'isFinal'>;

const factsOfQuery: RelationFacts = { withoutVersions: 'a query', isCursorIndexed: undefined };

/** Tells filters apart, in a length that does not grow. Empty for none. */
function digestOf(filter: Filter): string {
  if (filter.length === 0) return '';
  const text = JSON.stringify(filter, (_, value: unknown) =>
    typeof value === 'bigint' ? `${String(value)}n` : value,
  );
  return createHash('sha256').update(text).digest('base64url');
}

function factsOf({ cursor, withoutVersions }: FoundRelation): CursorFacts {
  return { ...cursor, withoutVersions, unseenWriters: undefined };
}

function runningOf({ running }: TransactionSet): number {
  return running.reduce((sum, [, count]) => sum + count, 0);
}

/** Where a pass begins to look again at rows that have been given. */
function lowerBound({ through, split }: VersionPosition, { lagMs, isFinal }: PassChoice): Ago | null {
  if (through === null) return null;
  if (lagMs !== undefined) return { at: through.at, lessMs: lagMs };
  return isFinal && split?.isFinal === true ? { at: split.at, lessMs: lookBackMs } : null;
}

/** What lies below is left out by the next pass, if it is like this one. */
function settledBelow({ until, isFinal }: Bound, { at }: TransactionSet, { lagMs }: PassChoice): Ago | null {
  if (lagMs !== undefined) return { at, lessMs: lagMs };
  return isFinal && until !== null ? { at: until, lessMs: lookBackMs } : null;
}

function failed(code: 'invalid-option' | 'invalid-data' | 'unsupported', message: string): ConnectorError {
  return new ConnectorError(code, message, { kind: 'terminal', effect: 'none' });
}
