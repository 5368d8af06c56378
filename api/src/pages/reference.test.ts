import { expect, test } from 'vitest';
import { documentOf } from '../openapi/document.ts';
import { referencePage } from './reference.ts';

const { html } = await referencePage(documentOf('1.2.3'));

test('every request stands in the contents, and its link leads to its section', () => {
  const links = [...html.matchAll(/<a href="#([^"]+)"><code>((?:GET|POST) [^<]+)<\/code>/g)];
  const sections = [...html.matchAll(/<h2 id="([^"]+)"><code>([^<]+)<\/code>/g)];
  expect(links.map(([, id, name]) => [id, name])).toEqual(sections.map(([, id, name]) => [id, name]));
  expect(sections.map(([, , name]) => name)).toContain('POST /api/admin/observability/export');
});

test('a parameter is described by its form, and code of a sentence is shown as code', () => {
  expect(html).toMatch(/<code>metric<\/code> \(required\)<\/td><td>[^<]+<\/td><td><code>string, repeatable<\/code>/);
  expect(html).toContain(
    '<code>limit</code></td><td>Rows of a page.</td><td><code>integer, 1 to 100, default 50</code>',
  );
  expect(html).toContain('; <code>resolution</code> says so.');
  expect(html).not.toContain('`');
});

test('what the document says is text, whatever is in it', async () => {
  const hostile = structuredClone(documentOf('1'));
  hostile.info.description = '<script>alert(1)</script> `<b>`';
  const page = (await referencePage(hostile)).html;
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt; <code>&lt;b&gt;</code>');
  expect(page).not.toContain('<script>');
});
