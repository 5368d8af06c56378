import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const dist = (name: string): Promise<string> => readFile(new URL(`../../dist/${name}`, import.meta.url), 'utf8');
const bom = z.object({
  components: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      scope: z.enum(['required', 'optional']),
      hashes: z.array(z.object({ content: z.string() })).optional(),
      licenses: z.array(z.unknown()).min(1),
    }),
  ),
});
/** Packages in the source map of a part: what really went into it. */
const map = z.object({ sources: z.array(z.string()) });

describe('the bill of materials (CycloneDX 1.6)', () => {
  it('is valid', async () => {
    const problem = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(await dist('sbom.cdx.json'));
    expect(problem).toBeNull();
  });

  it('names each package whose code is in the program, and none besides but those of the console', async () => {
    const { components } = bom.parse(JSON.parse(await dist('sbom.cdx.json')));
    const required = components.filter(({ scope }) => scope === 'required').map(({ name }) => name);
    const { readdir } = await import('node:fs/promises');
    const files = await readdir(fileURLToPath(new URL('../../dist', import.meta.url)));
    const sources = await Promise.all(
      files
        .filter((file) => file.endsWith('.map'))
        .map(async (file) => map.parse(JSON.parse(await dist(file))).sources),
    );
    const inside = new Set(
      sources.flat().flatMap((source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1] ?? []),
    );
    expect(inside.size).toBeGreaterThan(20);
    expect([...inside].filter((name) => !required.includes(name))).toEqual([]);
    const ofConsole = z
      .array(z.object({ name: z.string() }))
      .parse(JSON.parse(await dist('web/licences.json')))
      .map(({ name }) => name);
    expect(ofConsole).toEqual(expect.arrayContaining(['svelte', 'layercake']));
    expect(required.filter((name) => !inside.has(name) && !ofConsole.includes(name))).toEqual([]);
  });

  it('gives each its hash and licence, and the licences are there to be read', async () => {
    const { components } = bom.parse(JSON.parse(await dist('sbom.cdx.json')));
    expect(components.filter(({ hashes }) => hashes === undefined).map(({ name }) => name)).toEqual([]);
    const texts = await dist('THIRD-PARTY-LICENCES.txt');
    for (const { name, version, scope } of components)
      if (scope === 'required') expect(texts).toContain(`${name} ${version} (`);
  });
});
