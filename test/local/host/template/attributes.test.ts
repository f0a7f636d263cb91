import { expect, it } from 'vitest';
import { functionUrlPath } from '../../../../local/host/template/attributes.ts';

it.each([
  ['witness-cosign/Function/FunctionUrl', '/_functions/witness-cosign/'],
  ['witness/FunctionUrl', '/_functions/witness/'],
  ['Witness/Inner/FunctionUrl', '/_functions/Witness-Inner/'],
  ['WitnessUrl8F67', '/_functions/WitnessUrl8F67/'],
])('the function URL of %s is served at %s', (label, path) => {
  const resource = { stack: 's', logicalId: 'l', type: 'AWS::Lambda::Url', properties: {}, label };
  expect(functionUrlPath(resource)).toBe(path);
});
