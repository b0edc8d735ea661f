import type { S3Refusal } from '../errors.js';
import { childOf, parseXml, type XmlElement } from './xml.js';

/** Reads what a store says for its refusal. Anything else, such as the page of a proxy, gives only the status. */
export function decodeRefusal(status: number, document: string): S3Refusal {
  const error = errorElement(document);
  const code = error && childOf(error, 'Code')?.text;
  const message = error && childOf(error, 'Message')?.text;
  return { status, ...(code !== undefined && { code }), ...(message !== undefined && { message }) };
}

function errorElement(document: string): XmlElement | undefined {
  try {
    const root = parseXml(document);
    return root.name === 'Error' ? root : undefined;
  } catch {
    return undefined; // not XML, so nothing that a store has to say is lost
  }
}
