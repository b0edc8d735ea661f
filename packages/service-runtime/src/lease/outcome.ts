import { ServiceFailure, type ServiceFailureReport } from '../failure/service-failure.js';
import { checkExternal } from '../service/external/external-check.js';
import type { ServiceOffer } from '../service/running-service.js';
import { inOrder, type ServiceName } from '../service/service-name.js';
import type { Request } from '../supervisor/protocol.js';
import type { Choice } from './choose-provider.js';
import type { SupervisorConnection } from './supervisor-connection.js';

/** What came of asking for services: one or the other for each of them. */
export interface Outcome {
  readonly offers: readonly ServiceOffer[];
  readonly failures: readonly ServiceFailureReport[];
}

/** Told what takes long while services are being started, such as the pull of an image. */
export type OnProgress = (service: ServiceName, message: string) => void;

/** Checks the servers that already run; the other choices are passed over. */
export async function checkExternals(choices: readonly Choice[], signal: AbortSignal): Promise<Outcome> {
  const offers: ServiceOffer[] = [];
  const failures: ServiceFailureReport[] = [];
  await Promise.all(
    choices.map(async ({ definition, external }) => {
      if (external === undefined) return;
      try {
        offers.push(await checkExternal(definition, external.endpoint, external.variable, signal));
      } catch (error) {
        if (!(error instanceof ServiceFailure)) throw error;
        failures.push(error.report);
      }
    }),
  );
  return { offers, failures };
}

/** They arrive in the order in which services came up. */
export function offersInOrder(offers: readonly ServiceOffer[]): ServiceOffer[] {
  return inOrder(offers.map(({ service }) => service)).flatMap((name) =>
    offers.filter(({ service }) => service === name),
  );
}

/** Sends a request for services, and collects one answer for each. */
export async function ask(
  connection: SupervisorConnection,
  request: Request,
  answers: number,
  signal: AbortSignal,
  onProgress: OnProgress = () => undefined,
): Promise<Outcome> {
  const offers: ServiceOffer[] = [];
  const failures: ServiceFailureReport[] = [];
  connection.send(request);
  while (offers.length + failures.length < answers) {
    const reply = await connection.next(signal);
    if (reply === undefined) throw supervisorGone();
    if (reply.kind === 'progress') onProgress(reply.service, reply.message);
    if (reply.kind === 'ready') offers.push(reply.offer);
    if (reply.kind === 'failed') failures.push(reply.failure);
  }
  return { offers, failures };
}

export function supervisorGone(): ServiceFailure {
  return new ServiceFailure({
    code: 'SUPERVISOR_NOT_RESPONDING',
    summary: 'The supervisor ended before it answered.',
    evidence: [],
    next: [
      'Run the command again.',
      'If it happens again, read logs/services/supervisor.log in the workspace.',
    ],
  });
}
