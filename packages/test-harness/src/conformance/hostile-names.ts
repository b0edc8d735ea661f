/** Each has a quirk of some language that names go through. */
export const hostileNames = [
  'select',
  'two words',
  'semi;colon',
  "quote'd",
  'double"quoted',
  'back\\slash',
  '$1',
  '%s',
  '__proto__',
  'constructor',
  'ünïcödé 名前 🚀',
  'line\nbreak',
  'a.b',
  '"; DROP TABLE event; --',
  'x'.repeat(63),
] as const;
