/** A statement of a policy, as the host checks it: no conditions, all lists. */
export interface Statement {
  effect: 'Allow' | 'Deny';
  actions: string[];
  /** True where the template wrote `NotAction`. */
  exceptActions: boolean;
  resources: string[];
  exceptResources: boolean;
}

export interface Policy {
  /** True when some statement allows the action on the resource and none denies it. */
  allows(action: string, resource: string): boolean;
}

/** Source: IAM policy evaluation logic; actions are compared without case, resources with it. */
export function makePolicy(statements: readonly Statement[]): Policy {
  const compiled = statements.map((statement) => ({
    deny: statement.effect === 'Deny',
    action: matcher(statement.actions, statement.exceptActions, 'i'),
    resource: matcher(statement.resources, statement.exceptResources, ''),
  }));
  const decided = new Map<string, boolean>();
  return {
    allows(action, resource) {
      const key = `${action} ${resource}`;
      let answer = decided.get(key);
      if (answer === undefined) {
        const fitting = compiled.filter((s) => s.action(action) && s.resource(resource));
        answer = fitting.length > 0 && fitting.every((s) => !s.deny);
        if (decided.size > 10_000) decided.clear();
        decided.set(key, answer);
      }
      return answer;
    },
  };
}

function matcher(patterns: string[], except: boolean, flags: string): (text: string) => boolean {
  const expressions = patterns.map((pattern) => new RegExp(`^${toExpression(pattern)}$`, `s${flags}`));
  return (text) => expressions.some((expression) => expression.test(text)) !== except;
}

function toExpression(pattern: string): string {
  return pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
}
