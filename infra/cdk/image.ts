import { fileURLToPath } from 'node:url';
import { IgnoreMode } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';

/** What the build of the image does not read: its digest, and so a deployment, must not follow these. */
const unread = [
  '.git',
  '.github',
  '.ci',
  '.data',
  '**/.env',
  '**/node_modules',
  '**/dist',
  'cdk.out',
  'docs',
  'tests/**',
  // npm wants the manifest of each workspace.
  '!tests/package.json',
  'infra/cdk',
  'infra/collector',
  'infra/grafana',
  '**/*.test.ts',
];

/** The program as infra/containers/Containerfile builds it, for the processors of Fargate's ARM. Built when the stack is deployed, not when it is synthesised. */
export function programImage(): ContainerImage {
  return ContainerImage.fromAsset(fileURLToPath(new URL('../..', import.meta.url)), {
    file: 'infra/containers/Containerfile',
    platform: Platform.LINUX_ARM64,
    exclude: unread,
    ignoreMode: IgnoreMode.DOCKER,
  });
}
