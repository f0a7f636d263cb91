import type { Adapter, AdapterPayload } from 'oidc-provider';

/** Far more sign-ins than one machine has at a time; the oldest records make room. */
const MOST_RECORDS = 5_000;

/**
 * Where one issuer keeps sessions, grants and codes: in memory, since a restart may well ask people to sign in again.
 * The tokens they hold stay valid, they need only the signing key.
 */
export function makeMemory(): (model: string) => Adapter {
  const records = new Map<string, { payload: AdapterPayload; until: number }>();

  function find(key: string): AdapterPayload | undefined {
    const record = records.get(key);
    return record !== undefined && record.until > Date.now() ? record.payload : undefined;
  }

  function findBy(model: string, matches: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
    const keys = [...records.keys()].filter((key) => key.startsWith(`${model}/`));
    return keys.map(find).find((payload) => payload !== undefined && matches(payload));
  }

  return (model) => ({
    async upsert(id, payload, expiresIn) {
      const until = expiresIn === undefined ? Number.POSITIVE_INFINITY : Date.now() + expiresIn * 1000;
      records.set(`${model}/${id}`, { payload, until });
      const oldest = records.keys().next().value;
      if (records.size > MOST_RECORDS && oldest !== undefined) records.delete(oldest);
    },
    find: async (id) => find(`${model}/${id}`),
    findByUid: async (uid) => findBy(model, (payload) => payload.uid === uid),
    findByUserCode: async (userCode) => findBy(model, (payload) => payload.userCode === userCode),
    async consume(id) {
      const payload = find(`${model}/${id}`);
      if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000);
    },
    async destroy(id) {
      records.delete(`${model}/${id}`);
    },
    async revokeByGrantId(grantId) {
      for (const [key, { payload }] of records) if (payload.grantId === grantId) records.delete(key);
    },
  });
}
