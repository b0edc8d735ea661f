import { Scratch } from '../testing/scratch.js';
import { leash } from './leash.js';

const setpriv = '/usr/bin/setpriv';
const nobody = { uid: 65_534, gid: 65_533 };
const namespace = { enter: ['/usr/bin/nsenter', '--mount', '--'] };

describe('the leash of a program', () => {
  test('is a signal of the kernel, under the account that it runs under', () => {
    using scratch = new Scratch();
    expect(leash(scratch.host({ setpriv, serverAccount: nobody }), 'QUIT')).toEqual({
      words: [setpriv, '--pdeathsig', 'QUIT', '--'],
      account: nobody,
    });
  });

  test('is nothing where the kernel knows of no such signal', () => {
    using scratch = new Scratch();
    expect(leash(scratch.host({ setpriv: undefined, serverAccount: nobody }), 'KILL')).toEqual({
      words: [],
      account: nobody,
    });
  });

  test('is put on inside a namespace, where the account is changed too: it is root who may enter', () => {
    using scratch = new Scratch();
    expect(leash(scratch.host({ setpriv, serverAccount: nobody, namespace }), 'KILL')).toEqual({
      words: [
        ...namespace.enter,
        ...[setpriv, '--reuid', '65534', '--regid', '65533', '--clear-groups', '--pdeathsig', 'KILL', '--'],
      ],
      account: {},
    });
    expect(leash(scratch.host({ setpriv, namespace }), 'KILL')).toEqual({
      words: [...namespace.enter, setpriv, '--pdeathsig', 'KILL', '--'],
      account: {},
    });
  });
});
