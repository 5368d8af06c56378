import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { BundledPackage } from './packages.ts';

const ownManifest = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string(),
  optionalDependencies: z.record(z.string(), z.string()),
});
const lockfile = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), license: z.string().optional(), integrity: z.string().optional() }),
  ),
});
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'));

/**
 * What the program is made of, and what is installed beside it: a CycloneDX 1.6 document, the same for the same lock file. Source: CycloneDX 1.6, JSON.
 */
export function sbom(packages: readonly BundledPackage[]): object {
  const own = ownManifest.parse(read('package.json'));
  const locked = Object.entries(lockfile.parse(read('package-lock.json')).packages);
  const ofLock = (name: string, version: string) =>
    locked.find(([path, each]) => path.endsWith(`node_modules/${name}`) && each.version === version)?.[1];
  const component = (name: string, version: string, licence: string, scope: 'required' | 'optional') => ({
    type: 'library',
    'bom-ref': purl(name, version),
    name,
    version,
    scope,
    ...hashOf(ofLock(name, version)?.integrity),
    licenses: [/ (OR|AND|WITH) /.test(licence) ? { expression: licence } : { license: { id: licence } }],
    purl: purl(name, version),
  });
  const beside = Object.entries(own.optionalDependencies).map(([name, version]) =>
    component(name, version, ofLock(name, version)?.license ?? 'MIT', 'optional'),
  );
  const components = [
    ...packages.map(({ name, version, licence }) => component(name, version, licence, 'required')),
    ...beside,
  ];
  const self = purl(own.name, own.version);
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify([self, components]))}`,
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': self,
        name: own.name,
        version: own.version,
        licenses: [{ license: { id: own.license } }],
        purl: self,
      },
    },
    components,
    dependencies: [{ ref: self, dependsOn: components.map((each) => each.purl) }],
  };
}

/** The licences of what is bundled, as they ask for when they are passed on. */
export function licenceTexts(packages: readonly BundledPackage[]): string {
  const head = 'Command Center holds code of the packages below, each under its own licence.';
  const parts = packages.map(({ name, version, licence, text }) => {
    const title = `${name} ${version} (${licence})`;
    return `${title}\n${'-'.repeat(title.length)}\n\n${text === '' ? `No licence file comes with it; its manifest says ${licence}.` : text}`;
  });
  return `${[head, ...parts].join('\n\n\n')}\n`;
}

/** Source: package-url/purl-spec, npm. */
function purl(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

function hashOf(integrity: string | undefined): object {
  const digest = /^sha512-(.+)$/.exec(integrity ?? '')?.[1];
  if (digest === undefined) return {};
  return { hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }] };
}

/** Of the content, so that building twice gives the same document. */
function uuidOf(content: string): string {
  const hex = createHash('sha256').update(content).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
