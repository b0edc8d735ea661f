import type { ToxicLink } from '../../fault/toxic-link.js';
import type { Trigger } from '../../fault/trigger/armed-trigger.js';
import type { SeededRandom } from '../seeded-random.js';
import type { ConnectionStage, ConnectorErrorCode, Row } from '@sqlflow/connector-contract';

/** What a column holds. The fixture calls it by the name that its server has for it. */
export type ColumnKind =
  | 'boolean'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'float32'
  | 'float64'
  /** Up to 38 digits, 9 of them after the point. */
  | 'decimal'
  /** Any number of digits. */
  | 'numeric'
  | 'text'
  | 'bytes'
  | 'uuid'
  | 'date'
  /** Microseconds. */
  | 'timestamp'
  | 'timestamptz'
  | 'json';

export interface ColumnSpec {
  readonly name: string;
  readonly kind: ColumnKind;
  /** @defaultValue false */
  readonly isNullable?: boolean;
}

export interface StreamSpec {
  readonly name: string;
  readonly columns: readonly ColumnSpec[];
  /** Columns that name a row; none if empty. */
  readonly key: readonly string[];
}

/** Rows that others see only once they are committed. Disposing rolls back what was not. */
export interface FixtureTransaction extends AsyncDisposable {
  /** As that of the streams, and not before the transaction began. */
  stamp(): Promise<string>;
  insert(stream: string, rows: readonly Row[]): Promise<void>;
  /** What is written from now on could be undone by itself. Missing where a server has no savepoints. */
  readonly savepoint?: () => Promise<void>;
  commit(): Promise<void>;
}

/** An endpoint at which a connection comes as far as `stage` and no further. */
export interface FailingEndpoint<Endpoint> {
  readonly stage: ConnectionStage;
  readonly code: ConnectorErrorCode;
  readonly endpoint: Endpoint;
}

/** Where a server listens. The rest of an endpoint is for `open` alone. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What a trigger of a link does to a read, which is to end in a transient error or in all rows. */
export interface ProtocolFault {
  /** For the evidence: `reset before DataRow 17`. */
  readonly what: string;
  /** Sets it on a link that leads to the endpoint. */
  readonly set: (link: ToxicLink) => Trigger;
}

/** What is done to the streams of a server past the source. Values are those that `rows()` gives. */
export interface StreamFixture {
  /** The kinds of columns that the server can have. */
  readonly kinds: ReadonlySet<ColumnKind>;
  create(stream: StreamSpec): Promise<void>;
  /** A stream of `count` rows `{ id: int64 from 1, body: text of 256 bytes }`, quickly: it need not be stored. */
  createLarge(name: string, count: number): Promise<void>;
  /** The time of the server's clock, as a `timestamptz`. */
  stamp(): Promise<string>;
  /** Inserts and commits. */
  insert(stream: string, rows: readonly Row[]): Promise<void>;
  /** Changes the rows whose columns have the values of `where`, and commits. */
  update(stream: string, where: Row, changes: Row): Promise<void>;
  /** Missing where a server has no transactions. */
  readonly begin?: () => Promise<FixtureTransaction>;
  /** Missing where streams have no schema that could change. */
  readonly addColumn?: (stream: string, column: ColumnSpec) => Promise<void>;
  readonly dropColumn?: (stream: string, column: string) => Promise<void>;
}

/** A server, or a private part of one, on which one requirement is tried. Disposing takes away all that was made there. */
export interface SourceFixture<Endpoint extends Address = Address> extends AsyncDisposable {
  /** What the source is opened with. Its password appears nowhere else. */
  readonly endpoint: Endpoint;
  /** Texts that must never be shown, wherever they come from. */
  readonly secrets: readonly string[];
  readonly failing: readonly FailingEndpoint<Endpoint>[];
  /**
   * What the server is doing for the account of the endpoint right now, one text each: running queries, open cursors. Missing
   * where a server does not tell.
   */
  readonly activity?: () => Promise<readonly string[]>;
  /** Faults between the messages of the server's protocol in a read of 2000 rows, at places that `random` chooses. */
  readonly faults?: (random: SeededRandom) => readonly ProtocolFault[];
  /** Missing where the connector under test cannot read streams yet. */
  readonly streams?: StreamFixture;
}
