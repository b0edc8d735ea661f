import { HarnessError } from '../harness-error.js';
import { explain, objectStoreCodes, postgresCodes, redisCodes } from './explain.js';

const said = (message: string, detail: object = {}) => Object.assign(new Error(message), detail);
const on = (codes: ReadonlyMap<string, HarnessError['code']>) => ({
  doing: 'leasing',
  where: 'there',
  codes,
});

describe('a failure is told by its code, never by its text', () => {
  test.each([
    [postgresCodes, said('password is wrong', { code: '28P01' }), 'authentication-failed'],
    [postgresCodes, said('no', { code: '42501' }), 'permission-denied'],
    [postgresCodes, said('permission denied', { code: 'XX000' }), 'refused'],
    [postgresCodes, said('connect', { code: 'ECONNREFUSED' }), 'service-unavailable'],
    [objectStoreCodes, said('no', { code: 'AccessDenied' }), 'permission-denied'],
    [objectStoreCodes, said('AccessDenied'), 'refused'],
    [redisCodes, said('NOPERM this user may not', { name: 'ReplyError' }), 'permission-denied'],
    [redisCodes, said('WRONGPASS no', { name: 'ReplyError' }), 'authentication-failed'],
    [redisCodes, said('NOPERM, said someone else'), 'refused'],
  ])('%#: %s', (codes, error, code) => {
    expect(explain(error, on(codes)).code).toBe(code);
  });

  test('and the first address that failed stands for all', () => {
    const error = new AggregateError([
      said('connect ::1', { code: 'ECONNREFUSED' }),
      said('connect 127.0.0.1'),
    ]);
    expect(explain(error, on(redisCodes))).toMatchObject({
      code: 'service-unavailable',
      message: '[service-unavailable] leasing failed on there: connect ::1 (ECONNREFUSED)',
      cause: error,
    });
  });

  test('but one that has been explained is passed on', () => {
    const error = new HarnessError('closed', 'over');
    expect(explain(error, on(redisCodes))).toBe(error);
  });
});
