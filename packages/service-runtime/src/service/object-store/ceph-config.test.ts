import { cephConfig } from './ceph-config.js';

const text = cephConfig({ folder: '/data/x', clusterId: 'c1', monitorPort: 3301, gatewayPort: 9001 });
const sections = new Map(
  text.split(/^\[(?=\w+\]$)/m).map((section) => {
    const [name, ...settings] = section.trim().split('\n');
    return [name?.replace(']', ''), new Map(settings.map((line) => line.split(' = ') as [string, string]))];
  }),
);

describe('the configuration of Ceph', () => {
  test('begins with the cluster', () => {
    expect(text.split('\n').slice(0, 4)).toEqual([
      '[global]',
      'fsid = c1',
      'mon_host = [v2:127.0.0.1:3301/0]',
      'auth_cluster_required = none',
    ]);
    expect([...sections.keys()].filter(Boolean)).toEqual(['global', 'mon', 'osd', 'client']);
  });

  test('has the settings without which the cluster does not come up', () => {
    expect(Object.fromEntries(sections.get('global')!)).toMatchObject({
      ms_bind_msgr1: 'false',
      ms_mon_client_mode: 'crc',
      osd_pool_default_size: '1',
      mon_allow_pool_size_one: 'true',
    });
  });

  test('names no address but loopback', () => {
    const addresses = text.match(/\d+\.\d+\.\d+\.\d+/g) ?? [];
    expect(addresses.length).toBeGreaterThan(3);
    expect(new Set(addresses)).toEqual(new Set(['127.0.0.1']));
    expect(sections.get('client')?.get('rgw_frontends')).toBe('beast endpoint=127.0.0.1:9001 tcp_nodelay=1');
  });

  test('names no path outside the folder of the service', () => {
    const paths = [...text.matchAll(/ = (\/\S+)/g)].map(([, path]) => path);
    expect(paths.filter((path) => path !== '/dev/null' && !path?.startsWith('/data/x/'))).toEqual([]);
    expect(sections.get('osd')?.get('osd_data')).toBe('/data/x/osd');
  });

  test('holds no account', () => {
    expect(text).not.toContain('minioadmin');
  });
});
