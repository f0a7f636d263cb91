import { FUNCTIONS, type FunctionName } from '../../functions/wiring.ts';
import type { Json } from '../../local/host/services.ts';
import type { Resource } from '../../local/host/template/assembly.ts';
import type { TableName } from '../../shared/store/keys.ts';
import { cloud, functionOf, objects, only, tableOf, texts } from './template.ts';

export const names = Object.keys(FUNCTIONS) as FunctionName[];

export interface Granted {
  action: string;
  resource: string;
  condition?: Json;
}

export function roleOf(name: FunctionName): Resource {
  const arn = cloud.property(functionOf(name), 'Role');
  return only('AWS::IAM::Role', (role) => cloud.arnOf(role) === arn);
}

/** Each pair of action and resource that a function's role allows. */
export function grantedTo(name: FunctionName): Granted[] {
  return objects(cloud.property(roleOf(name), 'Policies')).flatMap((policy) =>
    objects((policy['PolicyDocument'] as Json)['Statement']).flatMap((statement) => {
      if (statement['Effect'] !== 'Allow' || Object.keys(statement).some((key) => key.startsWith('Not')))
        throw new Error(`a grant that this cannot read: ${JSON.stringify(statement)}`);
      const condition = statement['Condition'] as Json | undefined;
      return texts(statement['Action']).flatMap((action) =>
        texts(statement['Resource']).map((resource) => ({
          action,
          resource,
          ...(condition && { condition }),
        })),
      );
    }),
  );
}

/** The functions that may do one of the actions with what begins with the ARN. */
export const allowed = (arn: string, actions: readonly string[]): FunctionName[] =>
  names.filter((name) =>
    grantedTo(name).some(({ action, resource }) => resource.startsWith(arn) && actions.includes(action)),
  );

/** The functions that may do anything at all with what begins with the ARN. */
export const reaching = (arn: string): FunctionName[] =>
  names.filter((name) => grantedTo(name).some(({ resource }) => resource.startsWith(arn)));

export const arnOfTable = (name: TableName): string => cloud.arnOf(tableOf(name));
