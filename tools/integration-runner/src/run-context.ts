import type { Clock } from '@sqlflow/service-runtime';

/** What a run is handed of the world outside. */
export interface RunContext {
  readonly workspaceRoot: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What was typed, for the summary. */
  readonly command: readonly string[];
  readonly isContinuousIntegration: boolean;
  /** Takes one line or several, without the last end. */
  readonly print: (text: string) => void;
  /** How it goes, which nobody needs to know who has not asked. */
  readonly printProgress: (text: string) => void;
  readonly printError: (text: string) => void;
  readonly clock: Clock;
  /** Aborts at the first Ctrl-C: all is ended, cleared up and said. */
  readonly end: AbortSignal;
  /** Aborts at the second: nothing is waited for. */
  readonly kill: AbortSignal;
}

/** Milliseconds since 1970. */
export function nowMs({ clock }: Pick<RunContext, 'clock'>): number {
  return Date.parse(clock.timestamp());
}
