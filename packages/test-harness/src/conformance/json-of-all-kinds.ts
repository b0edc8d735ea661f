import type { Json } from '@sqlflow/connector-contract';

/** What JSON has, and what is lost on the way through a text that is not one. */
export const jsonOfAllKinds: readonly Json[] = [
  ...[
    null,
    true,
    false,
    0,
    -1.5,
    1e300,
    2 ** 53 - 1,
    '',
    'null',
    '"',
    '\\',
    '\n',
    "it's",
    '\u0000',
    '\u2028',
    '\ud83d',
  ],
  ...['ünïcödé 名前 🚀', 'x'.repeat(2000), [], {}, [[], [null, [1]]]],
  ...[
    { a: { b: [{ c: 'd' }] } },
    { '': '', 'a.b': 1, '"': 2, constructor: 3 },
    ['2024-01-31T10:00:00.123456Z'],
  ],
];
