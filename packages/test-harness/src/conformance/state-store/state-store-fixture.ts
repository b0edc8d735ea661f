import type { ToxicLink } from '../../fault/toxic-link.js';
import type { LostAnswer } from '../destination/destination-fixture.js';
import type { Address, FailingEndpoint } from '../source/source-fixture.js';

/** A server, or a private part of one, on which one requirement is tried. Disposing takes away all that was made there. */
export interface StateStoreFixture<Endpoint extends Address = Address> extends AsyncDisposable {
  /** What the store is opened with. Its password appears nowhere else. */
  readonly endpoint: Endpoint;
  /** Texts that must never be shown, wherever they come from. */
  readonly secrets: readonly string[];
  /** Endpoints at which nothing can be loaded or saved. */
  readonly failing: readonly FailingEndpoint<Endpoint>[];
  /**
   * Has the `nth` answer to what may have been a save, counted over a link that leads to the endpoint, not come: the
   * connection is reset in its place. What was saved, stays saved. Missing where no link can be laid.
   */
  readonly loseAnswer?: (link: ToxicLink, nth: number) => LostAnswer;
}
