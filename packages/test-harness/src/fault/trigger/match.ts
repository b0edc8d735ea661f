import type { PostgresClientMessage, PostgresServerMessage } from '../protocol/postgres-messages.js';

/** Which of the messages that it describes a trigger acts on. */
export interface Occurrence {
  /** The first one, from 1 on. @defaultValue 1 */
  readonly nth?: number;
  /** How many, one after the other; `Infinity` for all that follow. @defaultValue 1 */
  readonly times?: number;
  /** Whether the messages of all connections are counted together, or those of each by itself. @defaultValue 'link' */
  readonly per?: 'link' | 'connection';
}

/** A message of PostgreSQL, by its name in the documentation of the protocol. */
export type PostgresMatch = Occurrence & { readonly protocol: 'postgres' } & (
    | {
        readonly from: 'client';
        readonly message: 'Query' | 'Parse';
        /** Occurs in the first 8 KiB of the statement, letter by letter. */
        readonly sql?: string;
      }
    | { readonly from: 'client'; readonly message: Exclude<PostgresClientMessage, 'Query' | 'Parse'> }
    | {
        readonly from: 'server';
        readonly message: 'CommandComplete';
        /** The tag or its first words: `COMMIT`, `INSERT`. */
        readonly tag?: string;
      }
    | { readonly from: 'server'; readonly message: 'ErrorResponse'; readonly sqlState?: string }
    | {
        readonly from: 'server';
        readonly message: Exclude<PostgresServerMessage, 'CommandComplete' | 'ErrorResponse'>;
      }
  );

/** A request to an S3 store, or the response to one. */
export type S3Match = Occurrence & {
  readonly protocol: 's3';
  /** `client`: the request, `server`: the response, those of status 1xx not. @defaultValue 'client' */
  readonly from?: 'client' | 'server';
  /** In capitals: `PUT`. */
  readonly method?: string;
  /** Decoded, without the query: `/bucket/key`. */
  readonly path?: string;
  /** Parameters that it has, with these values; `''` for one without a value: `{ uploads: '' }`. */
  readonly query?: Readonly<Record<string, string>>;
  /** Of the response; only with `from: 'server'`. 200 to 599. */
  readonly status?: number;
};

/** A command to Redis, or the reply to one. */
export type RedisMatch = Occurrence & {
  readonly protocol: 'redis';
  /** @defaultValue 'client' */
  readonly from?: 'client' | 'server';
  /** In capitals: `GET`; `CLIENT SETNAME` for a command with a subcommand. */
  readonly command: string;
  /** The first argument, of 1 KiB at most: of most commands the key, with the prefix of its key space. */
  readonly key?: string;
};

export type Match = PostgresMatch | S3Match | RedisMatch;
export type Protocol = Match['protocol'];

/** Ends the connection for both sides. */
export interface Cut {
  readonly do: 'reset' | 'close';
  /** Whether the message still passes. */
  readonly at: 'before' | 'after';
}

/** From there on nothing passes in the direction of the message, and nothing is closed. */
export type Stall =
  | { readonly do: 'stall'; readonly at: 'before' | 'after' }
  /** The last bytes of the message are the first that do not pass. 1 to 65,536. */
  | { readonly do: 'stall'; readonly beforeEnd: number };

/** An error, in place of what PostgreSQL would do or say. */
export interface PostgresAnswer {
  readonly do: 'answer';
  /** `FATAL` closes the connection too. A message of the server can be replaced by that alone. @defaultValue 'ERROR' */
  readonly severity?: 'ERROR' | 'FATAL';
  /** Five digits or capitals: `40001`. */
  readonly sqlState: string;
  readonly message?: string;
}

/** An error in the words of S3. In place of a request: the store does not see it. In place of a response: it has. */
export interface S3Answer {
  readonly do: 'answer';
  /** 300 to 599, but 304. */
  readonly status: number;
  /** `SlowDown`. */
  readonly code: string;
  readonly message?: string;
  /** The `Retry-After` header. Whole seconds from 0 on. */
  readonly retryAfterSeconds?: number;
}

/** So many bytes of the body pass, then the connection closes; the length that was said before is that of all. */
export interface S3Truncate {
  readonly do: 'truncate';
  /** From 0 on, of the body as it is transferred. A body that is not longer passes whole. */
  readonly bytes: number;
}

/** An error of Redis. In place of a command: the server does not run it. In place of a reply: it has. */
export interface RedisAnswer {
  readonly do: 'answer';
  /** One line without the `-`: `LOADING Redis is loading the dataset in memory`. */
  readonly error: string;
}

export type PostgresAction = Cut | Stall | PostgresAnswer;
export type S3Action = Cut | Stall | S3Answer | S3Truncate;
export type RedisAction = Cut | Stall | RedisAnswer;
export type Action = PostgresAction | S3Action | RedisAction;
