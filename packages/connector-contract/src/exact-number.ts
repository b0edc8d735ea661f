/**
 * The number that JavaScript prints with the digits of a decimal text, such as `-1.50` or `2e3`; `undefined` if there is none,
 * because the text has more digits than a number keeps, or lies beyond what it reaches. Up to 15 digits there always is one.
 */
export function exactNumber(text: string): number | undefined {
  const number = Number(text);
  return digitsOf(text) === digitsOf(String(number)) ? number : undefined;
}

/** Equal for texts of equal decimals, however they are written; `undefined` for what is none. */
function digitsOf(text: string): string | undefined {
  const parts = /^(-?)0*(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text);
  if (parts === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  const digits = whole + fraction;
  let start = 0;
  let end = digits.length;
  while (digits[start] === '0') start++;
  while (end > start && digits[end - 1] === '0') end--;
  if (start === end) return '0';
  return `${sign}${digits.slice(start, end)}e${String(Number(exponent) - fraction.length + digits.length - end)}`;
}
