import type { Inspector, Instruction } from '../inspector.js';
import { HttpGrammars, type HttpRequest, type HttpResponse } from '../protocol/http.js';
import { continueResponse, errorOf } from '../protocol/s3-write.js';
import { inspectConnection } from './connection-inspector.js';
import type { S3Action, S3Match } from './match.js';
import { instead, verdictOn } from './verdicts.js';
import type { Verdict } from './passage.js';
import type { Watch } from './triggers.js';

/** A request whose response has not passed yet. */
interface Open {
  readonly request: HttpRequest;
  /** Its response, if that is not the store's. */
  readonly answer?: Buffer;
  /** It has been sent to its end. */
  isWhole: boolean;
}

export function inspectS3(watch: Watch<S3Match, S3Action>): Inspector {
  const grammars = new HttpGrammars();
  const open: Open[] = [];
  /** The answers that are next in the order of the requests. */
  const takeAnswers = (): Buffer[] => {
    const count = open.findIndex(({ answer, isWhole }) => answer === undefined || !isWhole);
    return open.splice(0, count === -1 ? open.length : count).flatMap(({ answer }) => answer ?? []);
  };

  const judgeRequest = (request: HttpRequest): Verdict | undefined => {
    const due = watch.due('upstream', (match) => match.from !== 'server' && describes(match, request));
    if (due?.action.do !== 'answer') {
      open.push({ request, isWhole: false });
      return due && verdictOn(due.action, due);
    }
    grammars.withdraw(request);
    const mine: Open = { request, answer: errorOf(due.action, request), isWhole: false };
    open.push(mine);
    const before: Instruction[] = request.expectsContinue ? [{ do: 'answer', bytes: continueResponse }] : [];
    return {
      before,
      passes: 'none',
      onDone: due.onDone,
      after: () => {
        mine.isWhole = true;
        return takeAnswers().map((bytes) => ({ do: 'answer', bytes }));
      },
    };
  };

  const judgeResponse = ({ status, request }: HttpResponse): Verdict | undefined => {
    if (status < 200 || request === undefined) return undefined;
    const index = open.findIndex((each) => each.request === request);
    if (index !== -1) open.splice(index, 1);
    const after = (): Instruction[] => takeAnswers().map((bytes) => ({ do: 'forward', bytes }));
    const due = watch.due(
      'downstream',
      (match) => match.from === 'server' && describes(match, request) && (match.status ?? status) === status,
    );
    if (due === undefined) return { after };
    if (due.action.do !== 'answer') return verdictOn(due.action, due);
    return { ...instead([{ do: 'forward', bytes: errorOf(due.action, request) }], due.onDone), after };
  };

  return inspectConnection(
    { grammar: (feed) => grammars.client(feed), judge: judgeRequest },
    { grammar: (feed) => grammars.server(feed), judge: judgeResponse },
    (why) => {
      watch.onUnreadable(why);
    },
  );
}

function describes({ method, path, query = {} }: S3Match, request: HttpRequest): boolean {
  return (
    (method ?? request.method) === request.method &&
    (path ?? request.path) === request.path &&
    Object.entries(query).every(([name, value]) => request.query.get(name) === value)
  );
}
