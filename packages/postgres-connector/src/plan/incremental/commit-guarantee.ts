/** Whose beginning a read was held back to. */
export interface OpenTransaction {
  readonly pid: number;
  /** When it began, as the server writes it. */
  readonly since: string;
  /** What its session is doing, such as `idle in transaction`. */
  readonly state: string;
  readonly applicationName: string;
}

/**
 * What a read can say of rows that are committed late, its own and those of the reads before it: no more than the weakest of them
 * could, which the checkpoint remembers.
 */
export type CommitGuarantee =
  | {
      readonly kind: 'held-back';
      /** Exclusive: every row stamped before this has been given. */
      readonly before: string;
      /** How far that lies behind the server's clock. */
      readonly heldBackMs: number;
      /** The oldest open transaction of the database, if there is one. */
      readonly for?: OpenTransaction;
    }
  | {
      /** Each row was given of every transaction that had ended, if `isWhole`. */
      readonly kind: 'row-version';
      /** Transactions of the server, subtransactions counted too, that were running: what they write is left to a later read. */
      readonly running: number;
      /** `false`: so many were running, or for so long, that some that had ended are left to a later read too. */
      readonly isWhole: boolean;
      /** Why it was not held back instead. */
      readonly because: string;
    }
  | {
      /** A row is found if it is committed at most `lagMs` after its cursor. The shortest of the reads so far. */
      readonly kind: 'lag';
      readonly lagMs: number;
    }
  | { readonly kind: 'none'; readonly because: string };

/** What reads have lacked, so that rows may be missing from what they gave. */
export type Lapse = Extract<CommitGuarantee, { kind: 'lag' | 'none' }>;

/** What reads have lacked when one more of this guarantee is made. */
export function lapseWith(lapse: Lapse | null, guarantee: CommitGuarantee): Lapse | null {
  if (guarantee.kind === 'none') return guarantee;
  if (guarantee.kind !== 'lag' || lapse?.kind === 'none') return lapse;
  return lapse === null || guarantee.lagMs < lapse.lagMs ? guarantee : lapse;
}

/** What can be said of reads that have lacked that, and of one more of this guarantee. */
export function guaranteeWith(lapse: Lapse | null, guarantee: CommitGuarantee): CommitGuarantee {
  if (lapse?.kind !== 'none' || guarantee.kind === 'none') return lapseWith(lapse, guarantee) ?? guarantee;
  return { kind: 'none', because: `what was read before had no guarantee: ${lapse.because}` };
}
