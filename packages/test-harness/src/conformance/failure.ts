import { ConnectorError } from '@sqlflow/connector-contract';
import { inspect } from 'node:util';

/** What is thrown, or `undefined`. */
export async function failureOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error ?? new TypeError(`${String(error)} was thrown`);
  }
}

/** What was thrown, as evidence. */
export function shownFailure(error: unknown): string {
  if (error instanceof ConnectorError) return `${error.message} (${error.kind}, effect ${error.effect})`;
  return error instanceof Error ? String(error) : inspect(error);
}
