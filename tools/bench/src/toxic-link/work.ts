/** How a client uses a connection, and what is between it and the server. */
export type Way = 'direct' | 'link' | 'pipe';
export type Use = 'stream' | 'hash' | 'echo';

export const streamBytes = 1024 ** 3;
export const roundTrips = 10_000;
