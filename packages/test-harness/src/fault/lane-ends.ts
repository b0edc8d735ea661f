/** Where the bytes of a direction come from. */
export interface LaneSource {
  pause(): void;
  resume(): void;
}

/** Where they go. */
export interface LaneSink {
  /** @returns `false` if it has enough; `drained` is to be called when it wants more. */
  write(bytes: Uint8Array): boolean;
  /** Calls back when all that was written has been handed to the system. */
  flushed(callback: () => void): void;
  end(): void;
  reset(): void;
}

/** What a lane needs of its connection. */
export interface LaneOwner {
  /** Ends the connection, behind what has been handed to the system. */
  cut(how: 'close' | 'reset', by: 'toxic' | 'trigger'): void;
  /** Sends bytes back in the other direction. */
  answer(bytes: Uint8Array): void;
  /** Calls back when all answers have passed. */
  answered(callback: () => void): void;
  /** Bytes have arrived or passed, or the end has. */
  changed(): void;
}
