import { type Bandwidth, bandwidth } from './bandwidth.js';
import { type Down, down } from './down.js';
import { type Latency, latency } from './latency.js';
import { type LimitData, limitData } from './limit-data.js';
import { type ResetPeer, resetPeer } from './reset-peer.js';
import { type Slicer, slicer } from './slicer.js';
import { type SlowClose, slowClose } from './slow-close.js';
import { type Timeout, timeout } from './timeout.js';
import type { StreamContext, ToxicKind, ToxicStream } from './toxic.js';

interface OptionsByType {
  readonly latency: Latency;
  readonly bandwidth: Bandwidth;
  readonly slicer: Slicer;
  readonly timeout: Timeout;
  readonly reset_peer: ResetPeer;
  readonly slow_close: SlowClose;
  readonly limit_data: LimitData;
  readonly down: Down;
}

export type ToxicType = keyof OptionsByType;
export type ToxicOptions = OptionsByType[ToxicType];

export const toxicKinds: { readonly [Type in ToxicType]: ToxicKind<OptionsByType[Type]> } = {
  latency,
  bandwidth,
  slicer,
  timeout,
  reset_peer: resetPeer,
  slow_close: slowClose,
  limit_data: limitData,
  down,
};

export function openToxic(options: ToxicOptions, context: StreamContext): ToxicStream {
  return openAs(options.type, options, context);
}

function openAs<Type extends ToxicType>(
  type: Type,
  options: OptionsByType[Type],
  context: StreamContext,
): ToxicStream {
  return toxicKinds[type].open(options, context);
}
