import type { ToxicOptions } from '@sqlflow/test-harness';
import type { Draw } from './draw.js';

/** What happens to the connections of the readers: some break somewhere, some are slow. */
export function faultsFrom(draw: Draw): ToxicOptions[] {
  if (draw.oneIn(3)) return [];
  return Array.from({ length: draw.integer(4, 24) }, (_, index) => {
    const connections = [draw.integer(1, index + 3)];
    const afterBytes = draw.oneIn(3) ? draw.integer(0, 400) : draw.integer(0, 20_000);
    const direction = draw.of(['upstream', 'downstream'] as const);
    const toxic = draw.of<ToxicOptions>([
      { type: 'reset_peer', afterBytes, direction },
      { type: 'limit_data', afterBytes, direction },
      { type: 'timeout', timeoutMs: draw.integer(1, 20), direction },
      { type: 'down' },
      { type: 'latency', latencyMs: draw.integer(1, 5), jitterMs: 1, direction },
      { type: 'slicer', averageBytes: draw.integer(20, 200), variationBytes: 10, direction },
    ]);
    return { ...toxic, connections };
  });
}
