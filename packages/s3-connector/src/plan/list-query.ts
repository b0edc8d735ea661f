export interface ListQuery {
  readonly prefix: string;
  /** 1 to 1000. */
  readonly maxKeys: number;
  /** Where the page before ended, absent for the first. */
  readonly continuationToken?: string;
}

/**
 * The query of one ListObjectsV2 request, its parameters sorted and escaped as the signature wants them.
 * Keys are asked for URL-encoded, since XML cannot hold most control characters.
 */
export function listQuery({ prefix, maxKeys, continuationToken }: ListQuery): string {
  return [
    ...(continuationToken === undefined ? [] : [`continuation-token=${escape(continuationToken)}`]),
    'encoding-type=url',
    'list-type=2',
    `max-keys=${String(maxKeys)}`,
    `prefix=${escape(prefix)}`,
  ].join('&');
}

/** RFC 3986: all but unreserved characters. `encodeURIComponent` leaves five more as they are. */
function escape(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
