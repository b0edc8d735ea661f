import { ServiceFailure } from '../failure/service-failure.js';
import { type Host, thisHost } from '../host.js';
import { chooseProviders } from '../lease/choose-provider.js';
import { isPortFree } from '../network/ports.js';
import { portOwner } from '../network/port-owner.js';
import { checkExternal } from '../service/external/external-check.js';
import { locatingVariables } from '../service/endpoint-variables.js';
import { launchers } from '../service/launchers.js';
import type { LocalLauncher, ProviderName } from '../service/running-service.js';
import type { ServiceName } from '../service/service-name.js';

/** Whether one provider can give one service here, and what to do if not. */
export interface Diagnosis {
  readonly service: ServiceName;
  readonly provider: ProviderName;
  readonly available: boolean;
  /** Whether this provider is the one that a run would use. */
  readonly chosen: boolean;
  /** What was found, or what is missing. */
  readonly detail: string;
  /** The command that makes it available. */
  readonly next?: string;
}

const neverAborted = new AbortController().signal;

/** Looks at every service and provider. Starts and changes nothing. @throws ServiceFailure `INVALID_OPTION` */
export async function diagnose(
  host: Host = thisHost(),
  signal: AbortSignal = neverAborted,
): Promise<Diagnosis[]> {
  chooseProviders([], host.environment); // refuses a provider that there is none of
  const forced = host.environment['SERVICES_PROVIDER'] || 'auto';
  // What the variables name is looked at even where it would not be used.
  const choices = chooseProviders(
    launchers.map(({ service }) => service),
    host.environment,
    'auto',
  );
  const diagnoses = launchers.map(async (launcher) => {
    const choice = choices.find(({ service }) => service === launcher.service);
    const isExternal = (forced === 'auto' ? choice?.provider : forced) === 'external';
    const local = { ...(await diagnoseLocal(launcher, host)), chosen: !isExternal };
    const external = await diagnoseExternal(launcher.service, choice?.endpoint, signal);
    return [local, { ...external, chosen: isExternal }];
  });
  return (await Promise.all(diagnoses)).flat();
}

async function diagnoseLocal(launcher: LocalLauncher, host: Host): Promise<Omit<Diagnosis, 'chosen'>> {
  const { service, standardPort } = launcher;
  try {
    const found = launcher.locate(host);
    const port = (await isPortFree(standardPort))
      ? `port ${String(standardPort)} is free`
      : `port ${String(standardPort)} is taken (${portOwner(standardPort)}), another would be used`;
    return { service, provider: 'local', available: true, detail: `${found}; ${port}` };
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error;
    return { service, provider: 'local', available: false, ...summaryOf(error) };
  }
}

async function diagnoseExternal(
  service: ServiceName,
  endpoint: Parameters<typeof checkExternal>[1] | undefined,
  signal: AbortSignal,
): Promise<Omit<Diagnosis, 'chosen'>> {
  if (endpoint === undefined) {
    const variable = locatingVariables[service];
    const detail = `${variable} is not set`;
    return { service, provider: 'external', available: false, detail, next: `export ${variable}=…` };
  }
  try {
    const { version } = await checkExternal(service, endpoint, signal);
    const detail = `${version} at ${endpoint.host}:${String(endpoint.port)}`;
    return { service, provider: 'external', available: true, detail };
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error;
    return { service, provider: 'external', available: false, ...summaryOf(error) };
  }
}

function summaryOf({ report }: ServiceFailure): Pick<Diagnosis, 'detail' | 'next'> {
  const [next] = report.next;
  return { detail: [report.summary, ...report.evidence].join(' '), ...(next !== undefined && { next }) };
}
