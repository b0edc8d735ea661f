import { ConnectorError, type StreamName } from '@sqlflow/connector-contract';
import { isDecodable } from '../decode/column-types.js';
import { type CatalogRow, describeTable, type Query, toTableDescriptions } from '../plan/catalog.js';
import { quoteQualified } from '../plan/identifier.js';
import {
  askActivity,
  choosePass,
  type CommitGuarantee,
  type CursorFacts,
  type PassChoice,
  toActivity,
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
  toTransactionSet,
  type TransactionSet,
} from '../plan/incremental/transaction-set.js';
import { chooseColumns, planColumn, type ReadPlan } from '../plan/read-plan.js';
import type { ColumnDescription, TableDescription } from '../plan/table-description.js';
import type { Session } from '../session/session.js';
import { withTypes } from '../type-lookup.js';
import type { ArraysAs } from '../wire-type.js';
import type { ResolvedIncrementalOptions } from './incremental-options.js';

/** A stream as an incremental read finds it on the server. */
export interface FoundRelation extends IncrementalRelation {
  readonly scope: IncrementalScope;
  /** Why its rows do not tell which transaction wrote them; `undefined` if they do. */
  readonly withoutVersions: string | undefined;
}

/** What is to be read next. */
export interface Planned {
  readonly plan: ReadPlan;
  /** With the pass that is being made. */
  readonly position: Position;
  /** Of a pass that begins here; absent for the rest of one that an earlier read has begun. */
  readonly guarantee?: CommitGuarantee;
}

/**
 * A hold-back leaves one way open: a transaction that has read the clock and is not yet seen to be open. So rows stamped this much
 * before the bound of the last read are asked for their versions once more, which also bears a clock that is set back a little.
 */
const lookBackMs = 10_000;

/** Asks the server what an incremental read has to know, and plans its passes. In use for one pass. */
export class IncrementalPlanner {
  readonly doing: string;

  constructor(
    private readonly session: Session,
    private readonly stream: Required<StreamName>,
    private readonly options: ResolvedIncrementalOptions,
    private readonly arraysAs: ArraysAs,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.doing = `reading ${quoteQualified(stream.namespace, stream.name)}`;
  }

  /** @throws ConnectorError `not-found` for a stream that is not there, `invalid-option` for what it has not. */
  async find(): Promise<FoundRelation> {
    const { namespace, name } = this.stream;
    const { cursorField, nullCursors } = this.options;
    const [found] = toTableDescriptions(await this.#ask(describeTable(namespace, name)));
    const [table] = await withTypes(this.session, found === undefined ? [] : [found], {
      arraysAs: this.arraysAs,
      doing: this.doing,
      signal: this.signal,
    });
    if (table === undefined)
      throw failed('not-found', `${this.doing} failed: there is no such table or view`);
    const facts = toRelationFacts(await this.#askOne(askRelationFacts(namespace, name)));
    const [cursor] = chooseColumns(table, [cursorField], 'cursorField');
    if (cursor === undefined) throw failed('invalid-option', 'option "cursorField" is missing');
    const key = this.#key(table, facts.keys);
    const columns = chooseColumns(table, this.options.columns, 'columns');
    return {
      namespace,
      name,
      columns: columns.map((column) => planColumn(column, isDecodable)),
      cursor,
      key,
      withNulls: nullCursors === 'include-first',
      scope: {
        namespace,
        name,
        cursorField,
        key: key.map((column) => column.name),
        nullCursors,
        filter: '',
        system: await this.#system(facts),
      },
      withoutVersions: facts.withoutVersions,
    };
  }

  /** Where to begin, or to go on. @throws ConnectorError `invalid-option` for a checkpoint of something else. */
  start(relation: FoundRelation): Position {
    const { checkpoint, commitSafety } = this.options;
    const isByVersion = relation.withoutVersions === undefined && commitSafety !== 'none';
    const begin: Position = isByVersion
      ? { by: 'versions', through: null, split: null, pass: null }
      : { by: 'cursor', last: null };
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
    const answer = await this.#askOne(askNullCursor(relation, noFilter));
    if (answer['has_null'] !== 't') return;
    const { name } = relation.cursor;
    const message = `${this.doing} failed: there are rows whose ${JSON.stringify(name)} is NULL, and nullCursors is 'error'`;
    throw failed('invalid-data', message);
  }

  planNulls(relation: FoundRelation, last: RowPosition | null): ReadPlan {
    return planNullCursors(relation, last, noFilter);
  }

  async plan(relation: FoundRelation, position: Position): Promise<Planned> {
    if (position.by === 'cursor') return this.#planByCursor(relation, position);
    if (position.pass !== null)
      return { plan: planVersionPass(relation, position, position.pass, noFilter), position };
    return this.#planByVersion(relation, position);
  }

  async #planByCursor(relation: FoundRelation, { last }: CursorPosition): Promise<Planned> {
    const activity = toActivity(await this.#askOne(askActivity));
    const choice = choosePass(this.options, factsOf(relation), activity, 0);
    const until = await this.#until(relation, choice, null);
    return {
      plan: planCursorPass(relation, last, until, noFilter),
      position: { by: 'cursor', last },
      guarantee: choice.guarantee,
    };
  }

  /** The order of the questions matters: what may still be stamped, then who has ended, and then, by the read, the rows. */
  async #planByVersion(relation: FoundRelation, position: VersionPosition): Promise<Planned> {
    const activity = toActivity(await this.#askOne(askActivity));
    const through = grown(position.through, toTransactionSet(await this.#askOne(askTransactionSet)));
    const choice = choosePass(this.options, factsOf(relation), activity, runningOf(through));
    const pass: Pass = {
      through,
      until: await this.#until(relation, choice, position.split?.at ?? null),
      isFinal: choice.isFinal,
      from: lowerBound(position, choice),
      last: null,
    };
    return {
      plan: planVersionPass(relation, position, pass, noFilter),
      position: { ...position, pass },
      guarantee: choice.guarantee,
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

  #key(table: TableDescription, keys: readonly (readonly string[])[]): readonly ColumnDescription[] {
    const { key, atLeastOnce } = this.options;
    if (key !== undefined) return chooseColumns(table, key, 'key');
    const readable = new Set(table.columns.map(({ name }) => name));
    const found = keys.find((names) => names.every((name) => readable.has(name)));
    if (found !== undefined) return chooseColumns(table, found, 'key');
    if (atLeastOnce) return [];
    throw failed(
      'invalid-option',
      `${quoteQualified(table.namespace, table.name)} has no primary key and no unique index of columns that are never NULL; ` +
        'name columns that tell its rows apart with the option "key", or accept repeats with atLeastOnce',
    );
  }

  async #system({ mayAskSystem }: RelationFacts): Promise<string> {
    return mayAskSystem ? ((await this.#askOne(askSystem))['system'] ?? '') : '';
  }

  async #ask(query: Query): Promise<readonly CatalogRow[]> {
    return this.session.query(query, this.doing, this.signal);
  }

  async #askOne(query: Query): Promise<CatalogRow> {
    const [row] = await this.#ask(query);
    return row ?? {};
  }
}

const noFilter = (): readonly string[] => [];

function factsOf({ cursor, withoutVersions }: FoundRelation): CursorFacts {
  return { ...cursor, withoutVersions };
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

function failed(code: 'not-found' | 'invalid-option' | 'invalid-data', message: string): ConnectorError {
  return new ConnectorError(code, message, { kind: 'terminal', effect: 'none' });
}
