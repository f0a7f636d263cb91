/** Which way imports go. A box is one folder of `functions/`; only the bus and the tables join boxes. */
const BOXES = '^functions/([^/]+)/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'Circles of types alone vanish when the types are stripped.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      comment: 'A file that nothing imports is an entry, a test, a command or dead.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: ['\\.test\\.ts$', '^test/', '^bench/', '^infra/build\\.ts$'],
      },
      to: {},
    },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-dependencies-in-functions',
      comment: 'Types vanish when the types are stripped; code would be missing from package.json.',
      severity: 'error',
      from: { path: '^(functions|shared)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'language-is-pure',
      comment: 'shared/commitment knows zod and itself: no store, no door, no clock, nothing of Node.',
      severity: 'error',
      from: { path: '^shared/commitment/' },
      to: { pathNot: ['^shared/commitment/', '(^|/)node_modules/zod/'] },
    },
    {
      name: 'patterns-stand-alone',
      comment: 'The pattern matcher serves the local bus and the subscriptions: it needs nothing but Node.',
      severity: 'error',
      from: { path: '^shared/event-pattern/' },
      to: { pathNot: '^shared/event-pattern/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'what-is-hashed-stands-alone',
      comment:
        'Records and entries are read by the offline verifier too: no store, no door, no clock, nothing of AWS.',
      severity: 'error',
      from: { path: '^shared/(record|trail)/' },
      to: {
        pathNot: ['^shared/(record|trail|tlog|commitment)/', '(^|/)node_modules/(zod|canonicalize)/'],
        dependencyTypesNot: ['core'],
      },
    },
    {
      name: 'log-formats-stand-alone',
      comment:
        'An auditor reads shared/tlog to check the log: it needs nothing but Node, and no other folder.',
      severity: 'error',
      from: { path: '^shared/tlog/' },
      to: { pathNot: '^shared/tlog/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'shared-knows-only-shared',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: '^(functions|infra|local|verify|bench|test)/' },
    },
    {
      name: 'store-knows-no-door',
      severity: 'error',
      from: { path: '^shared/(store|runtime)/' },
      to: { path: '^shared/lambda/' },
    },
    {
      name: 'only-the-store-knows-dynamodb',
      comment: 'A type of the SDK is fine elsewhere; talking to a table is not.',
      severity: 'error',
      from: { path: '^shared/', pathNot: '^shared/(store|runtime)/' },
      to: { path: '(^|/)node_modules/@aws-sdk/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'box-knows-no-other-box',
      severity: 'error',
      from: { path: BOXES },
      to: { path: BOXES, pathNot: '^functions/$1/' },
    },
    {
      name: 'box-knows-only-shared-and-the-contents-pages',
      severity: 'error',
      from: { path: '^functions/' },
      to: { path: '^(infra|local|verify|bench|test)/' },
    },
    {
      name: 'infra-reads-the-contents-pages',
      severity: 'error',
      from: { path: '^infra/' },
      to: {
        path: '^(functions|shared|local|bench|test)/',
        pathNot: ['^functions/(wiring|routes)\\.ts$', '^shared/store/keys\\.ts$'],
      },
    },
    {
      name: 'local-reads-the-template',
      comment:
        'It is a host, not a second implementation: it learns of the product from what was synthesised.',
      severity: 'error',
      from: { path: '^local/' },
      to: { path: '^(functions|shared|bench|test)/', pathNot: '^shared/event-pattern/' },
    },
    {
      name: 'nothing-imports-infra',
      severity: 'error',
      from: { pathNot: ['^infra/', '^(test|bench)/', '^local/(start|system|assembly)\\.ts$'] },
      to: { path: '^infra/' },
    },
    {
      name: 'local-builds-and-synthesises-only',
      severity: 'error',
      from: { path: '^local/' },
      to: { path: '^infra/', pathNot: '^infra/(build|app)\\.ts$' },
    },
    {
      name: 'nothing-imports-local',
      severity: 'error',
      from: { pathNot: ['^(local|test|bench)/'] },
      to: { path: '^local/' },
    },
    {
      name: 'verifier-trusts-nobody',
      comment:
        'It reads formats and the language, and nothing that writes them: no store, no door, nothing of AWS.',
      severity: 'error',
      from: { path: '^verify/' },
      to: {
        pathNot: ['^verify/', '^shared/(tlog|record|trail|commitment)/', '(^|/)node_modules/zod/'],
        dependencyTypesNot: ['core'],
      },
    },
    {
      name: 'a-folder-is-verified-without-a-network',
      comment: 'Only what mirrors a running system may speak to one.',
      severity: 'error',
      from: { path: '^verify/', pathNot: '^verify/mirror/' },
      to: { path: '^(node:)?(net|tls|dns|http|https|http2|dgram|child_process)(/|$)' },
    },
    {
      name: 'nothing-imports-the-verifier',
      severity: 'error',
      from: { pathNot: ['^(verify|test|bench)/'] },
      to: { path: '^verify/' },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: { pathNot: ['^(test|bench)/'] },
      to: { path: '^(test|bench)/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    // Imports of types count: they are knowledge too.
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
