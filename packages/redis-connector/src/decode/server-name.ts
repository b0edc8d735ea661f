/** What runs there, such as `Redis 7.0.15`, from the reply to `INFO server`. */
export function decodeServerName(reply: unknown): string | undefined {
  const version = Buffer.isBuffer(reply)
    ? /^redis_version:(\S+)/m.exec(reply.toString('latin1'))?.[1]
    : undefined;
  return version === undefined ? undefined : `Redis ${version}`;
}
