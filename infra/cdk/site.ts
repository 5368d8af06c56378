import { consolePolicy } from '@command-center/api/headers';
import { livePath } from '@command-center/contract/live';
import { CfnOutput, Duration, Fn } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin, VpcOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import type { Construct } from 'constructs';
import type { Api } from './api.ts';
import type { Balancers } from './balancers.ts';
import type { Buckets } from './buckets.ts';
import type { Context } from './context.ts';
import { apiPaths } from './paths.ts';
import type { Secrets } from './secrets.ts';

export interface SiteOptions {
  readonly context: Context;
  readonly buckets: Buckets;
  readonly api: Api;
  readonly balancers: Balancers;
  readonly secrets: Secrets;
}

/** The console's one page at each of its paths (api/src/entry/consolePaths.ts). */
const onePage = `function handler(event) {
  var uri = event.request.uri;
  if (uri === '/' || uri === '/command-center' || uri.indexOf('/command-center/') === 0) event.request.uri = '/index.html';
  return event.request;
}`;

/** One origin for console, API and live, so that a strict cookie works: one distribution, by path to S3, to Lambda and to the sidecars. */
export function site(scope: Construct, options: SiteOptions): Distribution {
  const { context, buckets, balancers } = options;
  const toApi = apiBehaviour(options);
  const distribution = new Distribution(scope, 'Site', {
    comment: 'Command Center: console, API and live',
    domainNames: [context.consoleDomain],
    certificate: Certificate.fromCertificateArn(scope, 'ConsoleCertificate', context.consoleCertificateArn),
    minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
    httpVersion: HttpVersion.HTTP2_AND_3,
    priceClass: PriceClass.PRICE_CLASS_100,
    enableLogging: true,
    logBucket: buckets.accessLogs,
    logFilePrefix: 'site/',
    ...(context.webAclArn === undefined ? {} : { webAclId: context.webAclArn }),
    defaultBehavior: {
      origin: S3BucketOrigin.withOriginAccessControl(buckets.console),
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      cachePolicy: CachePolicy.CACHING_OPTIMIZED,
      responseHeadersPolicy: consoleHeaders(scope),
      functionAssociations: [
        {
          eventType: FunctionEventType.VIEWER_REQUEST,
          function: new EdgeFunction(scope, 'OnePage', {
            runtime: FunctionRuntime.JS_2_0,
            code: FunctionCode.fromInline(onePage),
          }),
        },
      ],
    },
    additionalBehaviors: {
      // Before the API's: the first pattern that fits counts.
      [livePath]: {
        origin: VpcOrigin.withApplicationLoadBalancer(balancers.live, {
          protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
          readTimeout: Duration.seconds(60),
        }),
        viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
        allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
        cachePolicy: CachePolicy.CACHING_DISABLED,
        // Host as well: the sidecar compares it with Origin, and the load balancer's certificate is for it.
        originRequestPolicy: OriginRequestPolicy.ALL_VIEWER,
        compress: false,
      },
      ...Object.fromEntries(apiPaths.map((path) => [path, toApi])),
    },
  });
  // Its files are put there by two commands of docs/aws.md: what CDK has for it is a function with rights on whole buckets.
  new CfnOutput(scope, 'ConsoleBucket', { value: buckets.console.bucketName });
  new CfnOutput(scope, 'Distribution', { value: distribution.distributionId });
  new CfnOutput(scope, 'ConsoleName', {
    value: distribution.distributionDomainName,
    description: `make ${context.consoleDomain} a CNAME or alias of this`,
  });
  return distribution;
}

/** Never cached, and all of it passed on but Host, which is the function's own there. */
function apiBehaviour({ context, api, secrets }: SiteOptions): BehaviorOptions {
  return {
    origin: new HttpOrigin(Fn.select(2, Fn.split('/', api.url.url)), {
      protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
      readTimeout: Duration.seconds(60),
      customHeaders: {
        'x-command-center-origin': secrets.originSecret.secretValue.unsafeUnwrap(),
        // Where the identity provider sends browsers back to (docs/identity.md, "Behind a proxy").
        'x-forwarded-host': context.consoleDomain,
      },
    }),
    viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
    allowedMethods: AllowedMethods.ALLOW_ALL,
    cachePolicy: CachePolicy.CACHING_DISABLED,
    originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    // The API compresses by itself, and streams.
    compress: false,
  };
}

/** As the API sends them with the console (api/src/headers.ts). */
function consoleHeaders(scope: Construct): ResponseHeadersPolicy {
  return new ResponseHeadersPolicy(scope, 'ConsoleHeaders', {
    securityHeadersBehavior: {
      contentSecurityPolicy: { contentSecurityPolicy: consolePolicy(null), override: true },
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
      referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
      strictTransportSecurity: { accessControlMaxAge: Duration.days(365), override: true },
    },
    customHeadersBehavior: {
      customHeaders: [
        { header: 'Cross-Origin-Opener-Policy', value: 'same-origin', override: true },
        { header: 'Cross-Origin-Resource-Policy', value: 'same-origin', override: true },
        { header: 'Permissions-Policy', value: 'camera=(), geolocation=(), microphone=()', override: true },
      ],
    },
  });
}
