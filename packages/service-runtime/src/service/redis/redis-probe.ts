import { connect } from 'node:net';
import type { RedisEndpoint } from '../endpoint.js';
import type { Probe } from '../until-ready.js';

/** What accepts a connection and says nothing for this long is no Redis. Who probes gives up sooner. */
const exchangeTimeoutMs = 20_000;

/** What Redis said no to; `reply` is its own words, such as `-LOADING Redis is loading the dataset in memory`. */
export class RedisReplyError extends Error {
  override readonly name = 'RedisReplyError';

  constructor(readonly reply: string) {
    super(`Redis answered ${reply}`);
  }
}

export const probeRedis: Probe<RedisEndpoint> = async (endpoint, signal) =>
  (await askRedis(endpoint, signal)).version;

export interface RedisAnswer {
  readonly version: string;
  readonly processId: number;
}

/** PING, then INFO for the version: a Redis that is loading its data refuses the PING. */
export async function askRedis(endpoint: RedisEndpoint, signal: AbortSignal): Promise<RedisAnswer> {
  const answer = await sendRedis(endpoint, [['PING'], ['INFO', 'server']], signal);
  const version = /^redis_version:(\S+)/m.exec(answer)?.[1];
  if (version === undefined || !answer.includes('+PONG'))
    throw new RedisReplyError('something that is not Redis');
  return { version: `Redis ${version}`, processId: Number(/^process_id:(\d+)/m.exec(answer)?.[1]) };
}

/**
 * Signs in if need be, sends the commands, and gives all that came back, as it came.
 *
 * @throws RedisReplyError with the first reply that is an error.
 */
export async function sendRedis(
  endpoint: RedisEndpoint,
  commands: readonly (readonly string[])[],
  signal: AbortSignal,
): Promise<string> {
  const { username = 'default', password } = endpoint;
  const account = password === undefined ? [] : [['AUTH', username, password]];
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(exchangeTimeoutMs)]);
  const request = [...account, ...commands, ['QUIT']].map(encode).join('');
  const answer = await exchange(endpoint, request, deadline);
  const refused = /^-.*$/m.exec(answer);
  if (refused) throw new RedisReplyError(refused[0].trim());
  return answer;
}

/** RESP: an array of bulk strings, each with its length in bytes. */
function encode(command: readonly string[]): string {
  const words = command.map((word) => `$${String(Buffer.byteLength(word))}\r\n${word}\r\n`);
  return `*${String(command.length)}\r\n${words.join('')}`;
}

/** Sends everything, and gives all that came until the server closed. */
function exchange(endpoint: RedisEndpoint, request: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: endpoint.host, port: endpoint.port, signal });
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      answer += text;
    });
    socket.once('error', reject);
    socket.once('close', () => {
      resolve(answer);
    });
    socket.write(request);
  });
}
