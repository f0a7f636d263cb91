/** Environment variables are read here and nowhere else. */

/** A variable that has to be there. @throws Error naming it. */
export function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`the environment variable ${name} is missing`);
  return value;
}

export const optional = (name: string): string | undefined => process.env[name] || undefined;
