import { ConnectorError, type Filter } from '@sqlflow/connector-contract';
import { createHash } from 'node:crypto';
import { isDecodable } from '../decode/column-types.js';
import type { CatalogRow, Query } from '../plan/catalog.js';
import { type CommitGuarantee, guaranteeWith, lapseWith } from '../plan/incremental/commit-guarantee.js';
import {
  askActivity,
  choosePass,
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
  type VersionPosition,
} from '../plan/incremental/position.js';
import {
  askRelationFacts,
  askSystem,
  type RelationFacts,
  toRelationFacts,
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
  readonly unseenWriters: UnseenWriters | undefined;
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
    const indexes = isQuery ? [] : await this.ask(listUniqueIndexes(namespace, name));
    const [cursor] = columnsNamed(table, [cursorField], 'cursorField');
    if (cursor === undefined) throw failed('invalid-option', 'option "cursorField" is missing');
    const key = this.#key(indexes);
    const relation: IncrementalRelation = {
      table,
      columns: planColumns(table, columns, isDecodable),
      cursor,
      key,
      filter: this.options.filter,
      withNulls: nullCursors === 'include-first',
    };
    const { withoutVersions, isCursorIndexed } = facts;
    return {
      ...relation,
      scope: {
        namespace,
        name,
        cursorField,
        key: key.map((column) => column.name),
        nullCursors,
        filter: digestOf(this.options.filter),
        system: facts.mayAskSystem ? ((await this.#askOne(askSystem))['system'] ?? '') : '',
      },
      withoutVersions,
      unseenWriters: withoutVersions === undefined ? undefined : await this.#unseenWriters(relation),
      isCursorIndexed,
    };
  }

  /** What has row versions is written here; of anything else its plan tells what it reads. */
  async #unseenWriters(relation: IncrementalRelation): Promise<UnseenWriters | undefined> {
    const scanned = toScanned(await this.#askOne(askPlan(planCursorPass(relation, null, null))));
    return toUnseenWriters(scanned, await this.#askOne(askMaterialised(scanned.relations)));
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
    if (position.pass !== null) return { plan: planVersionPass(relation, position, position.pass), position };
    return this.#planByVersion(relation, position);
  }

  async #planByCursor(relation: FoundRelation, position: CursorPosition): Promise<Planned> {
    const activity = toActivity(await this.#askOne(askActivity(unseenMs)));
    const choice = choosePass(this.options, factsOf(relation), activity, { running: 0, isWhole: true });
    const until = await this.#until(relation, choice, null);
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
    const pass: Pass = {
      through,
      until: await this.#until(relation, choice, position.split?.at ?? null),
      isFinal: choice.isFinal,
      from: lowerBound(position, choice),
      last: null,
    };
    return {
      plan: planVersionPass(relation, position, pass),
      position: { ...position, pass, lapse: lapseWith(position.lapse, choice.guarantee) },
      guarantee: guaranteeWith(position.lapse, choice.guarantee),
    };
  }

  /** The exclusive upper bound of a pass, `null` if it has none. */
  async #until(relation: FoundRelation, choice: PassChoice, given: string | null): Promise<string | null> {
    const asked = this.options.until ?? null;
    const safe = choice.before ?? null;
    if (asked === null && safe === null) return null;
    const answer = await this.#askOne(askBound(relation.cursor, asked, safe, given));
    if (answer['is_before'] !== 't') return answer['until'] ?? null;
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

const factsOfQuery: RelationFacts = {
  withoutVersions: 'a query',
  isCursorIndexed: undefined,
  mayAskSystem: false,
};

/** Tells filters apart, in a length that does not grow. Empty for none. */
function digestOf(filter: Filter): string {
  if (filter.length === 0) return '';
  const text = JSON.stringify(filter, (_, value: unknown) =>
    typeof value === 'bigint' ? `${String(value)}n` : value,
  );
  return createHash('sha256').update(text).digest('base64url');
}

function factsOf({ cursor, withoutVersions, unseenWriters }: FoundRelation): CursorFacts {
  return { ...cursor, withoutVersions, unseenWriters };
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

function failed(code: 'invalid-option' | 'invalid-data' | 'unsupported', message: string): ConnectorError {
  return new ConnectorError(code, message, { kind: 'terminal', effect: 'none' });
}
