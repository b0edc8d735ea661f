import { protocolError } from '../errors.js';

/** An element of an S3 answer. Attributes, comments and the text between child elements carry nothing there. */
export interface XmlElement {
  readonly name: string;
  /** The text directly inside, entities resolved, spaces kept. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

interface OpenElement {
  name: string;
  text: string;
  children: XmlElement[];
}

// One token at a time from `lastIndex`: text, then whatever `<` begins.
const token =
  /([^<]*)(?:<(?:\?[^]*?\?>|!--[^]*?-->|!\[CDATA\[([^]*?)\]\]>|\/([\w:.-]+)\s*>|([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>)|$)/y;

/** No answer of S3 is deeper than five levels. */
const deepest = 20;

/**
 * Reads the part of XML that S3 answers are written in, strictly: what is cut short or does not nest is refused, never
 * mended, since a listing that ends early would be a silent loss. There are no document types, so no entities but XML's own.
 *
 * @throws ConnectorError `protocol-violation`
 */
export function parseXml(document: string): XmlElement {
  const root: OpenElement = { name: '', text: '', children: [] };
  const open: OpenElement[] = [root];
  token.lastIndex = document.startsWith('\uFEFF') ? 1 : 0;
  while (token.lastIndex < document.length) {
    const at = token.lastIndex;
    const found = token.exec(document);
    const current = open.at(-1);
    if (found === null || current === undefined) throw protocolError(`no XML at character ${String(at)}`);
    const [, text = '', literal, closed, opened, , selfClosed] = found;
    current.text += resolveEntities(text) + (literal ?? '');
    if (opened !== undefined) {
      const element: OpenElement = { name: opened, text: '', children: [] };
      current.children.push(element);
      if (selfClosed === '') open.push(element);
      if (open.length > deepest) throw protocolError(`XML nested deeper than ${String(deepest)} levels`);
    } else if (closed !== undefined) {
      if (open.length === 1 || closed !== current.name)
        throw protocolError(`</${closed}> at character ${String(at)}`);
      open.pop();
    }
  }
  const [top, ...more] = root.children;
  if (open.length > 1) throw protocolError(`it ends inside <${open.at(-1)?.name ?? ''}>`);
  if (top === undefined || more.length > 0 || root.text.trim() !== '')
    throw protocolError('not one XML document');
  return top;
}

/** The first child of that name. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name);
}

/** @throws ConnectorError `protocol-violation` if there is no such child. */
export function textOf(element: XmlElement, name: string): string {
  const child = childOf(element, name);
  if (child === undefined) throw protocolError(`<${element.name}> without <${name}>`);
  return child.text;
}

const named: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);

function resolveEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(\w+));|&/g, (entity, hex, decimal, name) => {
    if (typeof name === 'string') return named.get(name) ?? unknownEntity(entity);
    const codePoint = typeof hex === 'string' ? parseInt(hex, 16) : Number(decimal);
    return codePoint <= 0x10_ffff ? String.fromCodePoint(codePoint) : unknownEntity(entity);
  });
}

function unknownEntity(entity: string): never {
  throw protocolError(`no such XML entity: ${entity}`);
}
