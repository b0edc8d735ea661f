/** As short as it can be understood: 34 ms, 1.2 s, 3 min 5 s. */
export function duration(ms: number): string {
  if (ms < 1000)
    return ms < 10 && ms > 0 && !Number.isInteger(ms) ? `${ms.toFixed(1)} ms` : `${ms.toFixed(0)} ms`;
  const seconds = ms / 1000;
  if (seconds < 120) return `${Number.isInteger(seconds) ? String(seconds) : seconds.toFixed(1)} s`;
  return `${String(Math.floor(seconds / 60))} min ${String(Math.round(seconds % 60))} s`;
}
