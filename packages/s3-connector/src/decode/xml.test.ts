import fc from 'fast-check';
import { parseXml, type XmlElement } from './xml.js';

const tree = (document: string): unknown => simplified(parseXml(document));
const simplified = ({ name, text, children }: XmlElement): unknown => [
  name,
  text,
  ...children.map(simplified),
];

describe('parseXml', () => {
  test('reads elements, text with its spaces, and skips declarations, attributes and comments', () => {
    const document = `<?xml version="1.0"?>\n<!-- <a> -->\n<r xmlns='x' b = "c>d"><a> 1.10 </a><e/><f g="h" /></r>\n`;
    expect(tree(document)).toEqual(['r', '', ['a', ' 1.10 '], ['e', ''], ['f', '']]);
  });

  test('resolves the entities of XML and numbers, once', () => {
    expect(tree('<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x1D11E;&amp;lt;</a>')).toEqual(['a', `<>&"'A𝄞&lt;`]);
  });

  test('takes CDATA as it is', () => {
    expect(tree('<a>x<![CDATA[<b>&amp;]]>y</a>')).toEqual(['a', 'x<b>&amp;y']);
  });

  test.each([
    ['', 'not one XML document'],
    ['not xml', 'not one XML document'],
    ['<a><b></a>', '</a> at character 6'],
    ['<a>', 'it ends inside <a>'],
    ['</a>', '</a> at character 0'],
    ['<a/><b/>', 'not one XML document'],
    ['<a>&nbsp;</a>', 'no such XML entity: &nbsp;'],
    ['<a>&</a>', 'no such XML entity: &'],
    ['<a>&#x110000;</a>', 'no such XML entity: &#x110000;'],
    ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'no XML at character 0'],
    ['<a b=c></a>', 'no XML at character 0'],
    ['<a>'.repeat(30), 'deeper than 20 levels'],
  ])('%s is refused', (document, message) => {
    expect(() => parseXml(document)).toThrow(message);
  });

  test('a document cut anywhere is refused, never read in part', () => {
    const document = '<?xml version="1.0"?><r x="y"><a>1 &amp; 2</a><b/><!-- c --><d><![CDATA[e]]></d></r>';
    for (let end = 0; end < document.length; end += 1) {
      expect(() => parseXml(document.slice(0, end))).toThrow('malformed');
    }
  });

  test('any text comes back as it was written', () => {
    const written = (text: string): string =>
      text.replace(/[&<>"']/g, (character) => `&#${String(character.codePointAt(0))};`);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(tree(`<a>${written(text)}</a>`)).toEqual(['a', text]);
      }),
    );
  });
});
