import { play, type Sent } from '../../../test/protocol/play.js';
import type { TriggerFired } from '../schedule.js';
import type { RedisMatch } from './match.js';
import { Triggers } from './triggers.js';

const get: RedisMatch = { protocol: 'redis', command: 'GET' };
const close = { do: 'close', at: 'before' } as const;
const loading = { do: 'answer', error: 'LOADING' } as const;
const tls: Sent = ['upstream', '\x16\x03\x01'];
const optional = { optional: true };

/** A link with so many connections. */
function linked(protocol?: 'redis') {
  const firings: TriggerFired[] = [];
  const triggers = new Triggers({ protocol, onFired: (fired) => firings.push(fired) });
  return { triggers, firings, when: triggers.when };
}

/** Sends GETs on a connection and says which were answered by a trigger. */
function getOn(triggers: Triggers, connection: number, count = 1): boolean[] {
  const inspector = triggers.opened(connection);
  return Array.from({ length: count }, () => {
    const { server } = play(inspector, [['upstream', 'GET a\r\n']]);
    return server !== 'GET a\r\n';
  });
}

function thrownBy(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('a trigger', () => {
  test.each([
    [{}, [true, false, false, false]],
    [{ nth: 3 }, [false, false, true, false]],
    [{ nth: 2, times: 2 }, [false, true, true, false]],
    [{ nth: 3, times: Infinity }, [false, false, true, true]],
    [{ nth: 9 }, [false, false, false, false]],
  ])('with %j acts on these of four messages: %j', (occurrence, fired) => {
    const { triggers, when } = linked();
    const trigger = when({ ...get, ...occurrence }, loading, optional);
    expect(getOn(triggers, 1, 4)).toEqual(fired);
    expect(trigger.fired).toBe(fired.filter(Boolean).length);
  });

  test('counts the messages of all connections together', () => {
    const { triggers, when } = linked();
    when({ ...get, nth: 3 }, loading);
    expect([getOn(triggers, 1, 2), getOn(triggers, 2, 2)]).toEqual([
      [false, false],
      [true, false],
    ]);
  });

  test('counts those of each connection by itself if told so', () => {
    const { triggers, when } = linked();
    when({ ...get, nth: 2, per: 'connection' }, loading);
    expect([getOn(triggers, 1, 2), getOn(triggers, 2, 2)]).toEqual([
      [false, true],
      [false, true],
    ]);
  });

  test('does not count a message that one before it acts on', () => {
    const { triggers, when } = linked();
    const [first, second] = [when(get, loading), when(get, loading)];
    expect(getOn(triggers, 1, 1)).toEqual([true]);
    expect([first.fired, second.fired]).toEqual([1, 0]);
    expect(getOn(triggers, 2, 2)).toEqual([true, false]);
    expect(second.fired).toBe(1);
  });

  test('counts from when it is set, on connections that are read already', () => {
    const { triggers, when } = linked();
    when({ ...get, nth: 9 }, loading);
    const inspector = triggers.opened(1);
    play(inspector, [['upstream', 'GET a\r\n']]);
    when({ ...get, nth: 1 }, close);
    expect(play(inspector, [['upstream', 'GET a\r\n']]).done).toEqual(['close']);
  });

  test('says where it has acted, to the link and to whoever asks', async () => {
    const { triggers, when, firings } = linked();
    when({ ...get, key: 'b' }, close, optional);
    const trigger = when({ ...get, nth: 3 }, close);
    const asked = trigger.firing();
    getOn(triggers, 6);
    getOn(triggers, 7, 2);
    const firing = { connection: 7, direction: 'upstream', nthOfConnection: 2, atByte: 7 };
    expect([await asked, await trigger.firing()]).toEqual([firing, firing]);
    expect(firings).toEqual([
      { did: 'fire', ...firing, trigger: 2, match: { ...get, nth: 3 }, action: close },
    ]);
  });

  test('that does not act in time says what it has seen', async () => {
    const { triggers, when } = linked();
    const trigger = when({ ...get, nth: 3, times: Infinity }, close);
    getOn(triggers, 1, 2);
    await expect(trigger.firing({ timeoutMs: 1 })).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringMatching(
        /"times":"Infinity"}.*2 messages matched; waiting for it took longer than 1 ms/,
      ),
    });
  });

  test('is waited for no longer than the signal says', async () => {
    const { when } = linked();
    await expect(when(get, close).firing({ signal: AbortSignal.abort('enough') })).rejects.toBe('enough');
  });

  test('that is removed acts no more, is not asked for, and says so', async () => {
    const { triggers, when } = linked();
    const trigger = when(get, loading);
    const asked = trigger.firing();
    trigger.remove();
    await expect(asked).rejects.toMatchObject({ code: 'closed' });
    expect(getOn(triggers, 1)).toEqual([false]);
    expect(thrownBy(() => triggers.verify())).toBeUndefined();
  });

  test('acts in a replay on the messages that it acted on before, and on no others', () => {
    const again = [{ trigger: 2, connection: 5, nthOfConnection: 2 }];
    const triggers = new Triggers({ again, onFired: () => undefined });
    triggers.when(get, loading, optional);
    triggers.when(get, loading);
    expect([getOn(triggers, 4, 3), getOn(triggers, 5, 3)]).toEqual([
      [false, false, false],
      [false, true, false],
    ]);
  });

  test('is of the protocol of its link', () => {
    const { when } = linked();
    when(get, close);
    expect(thrownBy(() => when({ protocol: 's3' }, close))).toMatchObject({ code: 'invalid-option' });
    expect(thrownBy(() => linked('redis').when({ protocol: 's3' }, close))).toMatchObject({
      message: expect.stringContaining('protocol is s3, and that of this link is redis'),
    });
  });
});

describe('at the end of a link', () => {
  test('a trigger that has acted is well', () => {
    const { triggers, when } = linked();
    when(get, loading);
    when({ ...get, times: Infinity }, loading);
    getOn(triggers, 1, 2);
    expect(thrownBy(() => triggers.verify())).toBeUndefined();
  });

  test('one that has not is an error that names it, unless it is optional', () => {
    const { triggers, when } = linked();
    when({ ...get, nth: 3 }, loading);
    when(get, close, optional).remove();
    when({ ...get, key: 'other' }, close, optional);
    getOn(triggers, 1, 2);
    expect(thrownBy(() => triggers.verify())).toMatchObject({
      code: 'not-fired',
      message: expect.stringMatching(
        /when\(.*"nth":3.* has not fired: 2 messages matched\. .*optional: true/,
      ),
    });
    expect(thrownBy(() => triggers.verify())).toBeUndefined();
  });

  test('one that has acted less often than it was to is one too', () => {
    const { triggers, when } = linked();
    when({ ...get, times: 3 }, loading);
    getOn(triggers, 1, 2);
    expect(thrownBy(() => triggers.verify())).toMatchObject({
      code: 'not-fired',
      message: expect.stringContaining('has fired 2 of 3 times'),
    });
  });

  test('several are named in one error', () => {
    const { triggers, when } = linked();
    when(get, loading);
    when({ ...get, command: 'SET' }, loading);
    expect(thrownBy(() => triggers.verify())).toMatchObject({
      message: expect.stringMatching(/2 triggers:\n.*"GET".*\n.*"SET"/),
    });
  });
});

describe('a connection that cannot be read', () => {
  test('passes, and its triggers say that they cannot see', async () => {
    const { triggers, when } = linked();
    const trigger = when(get, loading);
    const asked = trigger.firing();
    const played = play(triggers.opened(3), [tls, ['downstream', '\x16'], ['upstream', '\x17'], tls]);
    expect(played).toEqual({ server: '\x16\x03\x01\x17\x16\x03\x01', client: '\x16', done: [] });
    await expect(asked).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(
        /when\(.*GET.* cannot fire: connection 3 cannot be read: the client begins with TLS/,
      ),
    });
    await expect(trigger.firing()).rejects.toMatchObject({ code: 'unsupported' });
    expect(thrownBy(() => triggers.verify())).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('connection 3 cannot be read: the client begins with TLS'),
    });
  });

  test('is no matter for triggers that have acted elsewhere, or are optional', () => {
    const { triggers, when } = linked();
    when(get, loading);
    when({ ...get, nth: 9 }, loading, optional);
    play(triggers.opened(1), [tls]);
    getOn(triggers, 2);
    expect(thrownBy(() => triggers.verify())).toBeUndefined();
  });

  test('is told to a trigger that is set later, while it is open', async () => {
    const { triggers, when } = linked();
    when(get, close, optional);
    play(triggers.opened(1), [tls]);
    await expect(when(get, close).firing()).rejects.toMatchObject({ code: 'unsupported' });
    triggers.closed(1);
    await expect(when(get, close).firing({ timeoutMs: 1 })).rejects.toMatchObject({ code: 'timeout' });
  });

  test('by mistake of somebody ends no waiting, and is said', async () => {
    const { triggers, when } = linked();
    const asked = when(get, loading).firing();
    play(triggers.opened(1), [['upstream', '\x01']]);
    getOn(triggers, 2);
    await expect(asked).resolves.toMatchObject({ connection: 2 });
    const late = when(get, loading).firing({ timeoutMs: 1 });
    await expect(late).rejects.toThrow('connection 1 cannot be read: byte 0x01 begins no command');
  });

  test('is one that was made before the first trigger', () => {
    const { triggers, when } = linked();
    expect(triggers.opened(1)).toBeUndefined();
    when(get, loading);
    expect(thrownBy(() => triggers.verify())).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining(
        'connection 1 cannot be read: it was made before the first trigger was set',
      ),
    });
  });

  test('is none if the link knows its protocol', () => {
    const { triggers, when } = linked('redis');
    const inspector = triggers.opened(1);
    play(inspector, [['upstream', 'GET a']]);
    when(get, close);
    play(inspector, [['upstream', '\r\n']]);
    expect(thrownBy(() => triggers.verify())).toBeUndefined();
  });
});
