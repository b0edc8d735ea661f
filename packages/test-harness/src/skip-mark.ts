import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Environment } from '@sqlflow/service-runtime';

/** Where `nx run …:integration` wants to be told that tests were skipped. A path. */
const markVariable = 'TEST_SKIP_MARK';

/**
 * Says that tests were skipped for lack of a service. Nx keeps the result of every run that did not fail; what stands in
 * this file is part of what a result is kept by, and is other each time, so that this one is not taken for the next.
 */
export function markSkipped(environment: Environment = process.env): void {
  const file = environment[markVariable];
  if (file === undefined || file === '') return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${randomUUID()}\n`);
}
