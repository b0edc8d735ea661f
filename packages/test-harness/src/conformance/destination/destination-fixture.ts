import type { Row } from '@sqlflow/connector-contract';
import type { ToxicLink } from '../../fault/toxic-link.js';
import type { Address, ColumnKind, FailingEndpoint, StreamSpec } from '../source/source-fixture.js';

/** What is done to the streams of a server, and seen of them, past the destination. Values are those that `rows()` gives. */
export interface WrittenStreams {
  /** The kinds of columns that the server can have. */
  readonly kinds: ReadonlySet<ColumnKind>;
  create(stream: StreamSpec): Promise<void>;
  /** Inserts and commits. */
  insert(stream: string, rows: readonly Row[]): Promise<void>;
  /** All rows that others see, as they are at one moment. In any order. */
  rowsOf(stream: StreamSpec): Promise<Row[]>;
  /** How many there are. */
  count(stream: string): Promise<number>;
}

/** An answer of the server that gets lost. */
export interface LostAnswer {
  /** How often one has been lost. */
  readonly fired: number;
}

/** A server, or a private part of one, on which one requirement is tried. Disposing takes away all that was made there. */
export interface DestinationFixture<Endpoint extends Address = Address> extends AsyncDisposable {
  /** What the destination is opened with. Its password appears nowhere else. */
  readonly endpoint: Endpoint;
  /** Texts that must never be shown, wherever they come from. */
  readonly secrets: readonly string[];
  readonly failing: readonly FailingEndpoint<Endpoint>[];
  /**
   * What the server is doing for the account of the endpoint right now, one text each: running statements, open transactions.
   * Missing where a server does not tell.
   */
  readonly activity?: () => Promise<readonly string[]>;
  /** Missing where the connector under test cannot write yet. */
  readonly streams?: WrittenStreams;
  /**
   * Has the `nth` answer to a finished statement, counted over a link that leads to the endpoint, not come: the connection is
   * reset in its place. What the statement did, stays done. Missing where no link can be laid.
   */
  readonly loseAnswer?: (link: ToxicLink, nth: number) => LostAnswer;
}
