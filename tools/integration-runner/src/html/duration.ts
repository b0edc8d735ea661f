/** As short as it can be understood: 34 ms, 1.2 s, 3m 5s. */
export function duration(ms: number): string {
  if (ms < 1000)
    return ms < 10 && ms > 0 && !Number.isInteger(ms) ? `${ms.toFixed(1)} ms` : `${ms.toFixed(0)} ms`;
  const seconds = ms / 1000;
  if (seconds < 120) return `${Number.isInteger(seconds) ? String(seconds) : seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${String(Math.floor(whole / 60))}m ${String(whole % 60)}s`;
}
