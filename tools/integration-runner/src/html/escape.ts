const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What a browser would not show, or would take for something else: control characters and halves of surrogate pairs. */
const unfit = /[^\t\n\r\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
/** Turn the direction of what follows: a name must not rearrange the page. */
const bidirectional = /[\u202a-\u202e\u2066-\u2069]/g;

/** Any text as text of HTML, in an element or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text
    .replace(unfit, '\ufffd')
    .replace(bidirectional, '')
    .replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
