import type { Host } from '../host.js';

export interface Leash {
  /** Put before the program and its arguments. */
  readonly words: readonly string[];
  /** For `spawn`. */
  readonly account: { readonly uid?: number; readonly gid?: number };
}

/**
 * Has a program run under the servers' account, where the servers run, and end by `signal` (`KILL`, `QUIT`) when the
 * thread that starts it does.
 *
 * The kernel forgets that signal when a process changes its account, so inside another namespace, which only root may
 * enter, one program does both.
 */
export function leash({ setpriv, serverAccount, namespace }: Host, signal: string): Leash {
  if (setpriv === undefined) return { words: [], account: { ...serverAccount } };
  const tie = ['--pdeathsig', signal, '--'];
  if (namespace === undefined) return { words: [setpriv, ...tie], account: { ...serverAccount } };
  const account = serverAccount && [
    ...['--reuid', String(serverAccount.uid), '--regid', String(serverAccount.gid), '--clear-groups'],
  ];
  return { words: [...namespace.enter, setpriv, ...(account ?? []), ...tie], account: {} };
}
