import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { serviceFailureCodes } from './service-failure.js';

const page = fileURLToPath(new URL('../../../../docs/troubleshooting.md', import.meta.url));

test('each code has its section in the troubleshooting guide, and no section is about a code that is gone', () => {
  const headings = [...readFileSync(page, 'utf8').matchAll(/^### ([A-Z_]+)$/gm)].map(([, code]) => code);
  expect(headings.toSorted()).toEqual(serviceFailureCodes.toSorted());
});
