import { cpus, loadavg, release, totalmem } from 'node:os';

/** Whether others use so much of the machine that figures measured now say little. */
export function isBusy(): boolean {
  return (loadavg()[0] ?? 0) > cpus().length / 2;
}

/** What the figures were measured on, and how busy it was at that moment. */
export function describeMachine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  const load = loadavg()[0]?.toFixed(1) ?? 'unknown';
  return (
    `${cpus().length} × ${first?.model.trim() ?? 'unknown processor'}, ${memory} GiB, ` +
    `${process.platform} ${release()}, Node ${process.versions.node}, load ${load} at the start`
  );
}
