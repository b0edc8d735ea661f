import { protocolError } from '../errors.js';
import { childOf, parseXml, textOf, type XmlElement } from './xml.js';

export interface ObjectInfo {
  readonly key: string;
  readonly sizeBytes: number;
  /** As the store tells it, without the quotes. Only for some objects is it the MD5 of the content. */
  readonly etag: string;
  /** ISO 8601 in UTC, as precise as the store tells it: `2026-11-22T11:34:43.437Z`. */
  readonly lastModified: string;
}

export interface ListPage {
  readonly objects: readonly ObjectInfo[];
  /** Asks for the page after this one, absent on the last. */
  readonly continuationToken?: string;
}

/** @throws ConnectorError `protocol-violation` for what is not a whole ListBucketResult. */
export function decodeListPage(document: string): ListPage {
  const root = parseXml(document);
  if (root.name !== 'ListBucketResult') throw protocolError(`<${root.name}> in place of <ListBucketResult>`);
  const keysAreEscaped = childOf(root, 'EncodingType')?.text === 'url';
  const objects = root.children
    .filter(({ name }) => name === 'Contents')
    .map((contents) => objectInfo(contents, keysAreEscaped));
  const isTruncated = textOf(root, 'IsTruncated') === 'true';
  return { objects, ...(isTruncated && { continuationToken: textOf(root, 'NextContinuationToken') }) };
}

function objectInfo(contents: XmlElement, keysAreEscaped: boolean): ObjectInfo {
  const size = textOf(contents, 'Size');
  const sizeBytes = Number(size);
  if (!/^\d+$/.test(size) || !Number.isSafeInteger(sizeBytes))
    throw protocolError('a <Size> that is no size');
  const key = textOf(contents, 'Key');
  return {
    key: keysAreEscaped ? unescapeKey(key) : key,
    sizeBytes,
    etag: textOf(contents, 'ETag').replace(/^"(.*)"$/, '$1'),
    lastModified: textOf(contents, 'LastModified'),
  };
}

/** Amazon writes a space as `+` and a plus as `%2B`. */
function unescapeKey(escaped: string): string {
  try {
    return decodeURIComponent(escaped.replaceAll('+', ' '));
  } catch (error) {
    throw protocolError('a <Key> that is not URL-encoded UTF-8', error);
  }
}
