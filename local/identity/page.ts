/** A page of the local issuer around a body of HTML. */
export function page(body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sign in · local demo</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem; color: #1b1b1b }
button { display: block; width: 100%; margin: .5rem 0; padding: .75rem 1rem; font: inherit; text-align: left;
  color: inherit; background: #fff; border: 1px solid #767676; border-radius: 4px; cursor: pointer }
button:hover { background: #eef3f8 } button:focus-visible { outline: 3px solid #1d70b8 }
</style></head>
<body><main><h1>Followthrough: local demo</h1>
${body}
</main></body></html>
`;
}

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
