// Protocol 3, https://www.postgresql.org/docs/current/protocol-message-formats.html: the first byte and the name.

export const clientMessages = {
  B: 'Bind',
  C: 'Close',
  d: 'CopyData',
  c: 'CopyDone',
  f: 'CopyFail',
  D: 'Describe',
  E: 'Execute',
  H: 'Flush',
  F: 'FunctionCall',
  P: 'Parse',
  // And what else begins with p: SASLInitialResponse, SASLResponse, GSSResponse.
  p: 'PasswordMessage',
  Q: 'Query',
  S: 'Sync',
  X: 'Terminate',
} as const;

/** Those without a first byte, by the number that follows their length. */
export const openingMessages = {
  80877102: 'CancelRequest',
  80877103: 'SSLRequest',
  80877104: 'GSSENCRequest',
} as const;

export const serverMessages = {
  R: 'Authentication',
  K: 'BackendKeyData',
  2: 'BindComplete',
  3: 'CloseComplete',
  C: 'CommandComplete',
  d: 'CopyData',
  c: 'CopyDone',
  G: 'CopyInResponse',
  H: 'CopyOutResponse',
  W: 'CopyBothResponse',
  D: 'DataRow',
  I: 'EmptyQueryResponse',
  E: 'ErrorResponse',
  V: 'FunctionCallResponse',
  v: 'NegotiateProtocolVersion',
  n: 'NoData',
  N: 'NoticeResponse',
  A: 'NotificationResponse',
  t: 'ParameterDescription',
  S: 'ParameterStatus',
  1: 'ParseComplete',
  s: 'PortalSuspended',
  Z: 'ReadyForQuery',
  T: 'RowDescription',
} as const;

export type PostgresClientMessage =
  | (typeof clientMessages)[keyof typeof clientMessages]
  | (typeof openingMessages)[keyof typeof openingMessages]
  | 'StartupMessage';

export type PostgresServerMessage = (typeof serverMessages)[keyof typeof serverMessages];
