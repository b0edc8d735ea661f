import { ConnectorError, type StateStore } from '@sqlflow/connector-contract';
import { checkpointAt } from './state-store-bench.js';

/** Adds 1 to the number that is stored under a name, however many others do. @returns how often it had to begin again */
export async function addOne(store: StateStore, name: string, signal?: AbortSignal): Promise<number> {
  for (let conflicts = 0; ; conflicts += 1) {
    const found = await store.load(name, signal);
    const next = checkpointAt(Number(found?.checkpoint.position ?? 0) + 1);
    try {
      await store.save(name, next, { replaces: found?.revision, ...(signal && { signal }) });
      return conflicts;
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code !== 'conflict') throw error;
    }
  }
}
