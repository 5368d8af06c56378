import { holds } from '../content.ts';
import { patternRule, type RedactionRule } from '../rule.ts';

/** Words that follow `Bearer` and `Basic` in prose. */
const prose =
  /^(?:auth\w*|tokens?|credentials?|challenge|scheme|realm|header|required?|expected|expired|invalid|missing|failed|not|was|is|usage|checks?|support|mode|info\w*|error|access|user|plan|tier)$/i;

/** Credentials that are known by their place or their own form. */
export const credentialRules: readonly RedactionRule[] = [
  patternRule({
    name: 'pem',
    needs: [holds.dash],
    hint: '-----BEGIN ',
    // One that is cut off is masked to where the next one begins.
    pattern: /-----BEGIN [A-Z0-9 ]{1,40}-----[^-]*(?:-(?!----)[^-]*)*(?:-----END [A-Z0-9 ]{1,40}-----)?/g,
  }),
  patternRule({
    name: 'ssh_key',
    needs: [holds.run16],
    hint: 'AAAA',
    // With the comment behind it, which names somebody at some machine.
    pattern: /(?<![A-Za-z0-9+/])AAAA[A-Za-z0-9+/]{12,}={0,2}(?: [\w.-]{1,64}@[\w.-]{1,64})?/g,
  }),
  patternRule({
    name: 'password_hash',
    needs: [holds.dollar],
    hint: '$',
    // Modular crypt and PHC strings: bcrypt, argon2, scrypt, SHA-crypt.
    pattern: /(?<![\w$])\$(?:2[abxy]?|[156y]|7|apr1|argon2(?:id|i|d)|scrypt|pbkdf2[\w-]{0,16})\$[\w./+,=$-]{8,}/g,
  }),
  patternRule({
    name: 'bearer_token',
    needs: [holds.letterB],
    hint: /bearer/i,
    pattern: /(?<![A-Za-z0-9])(bearer[\s:=]{1,4})([\w.~+/=-]{4,})/gi,
    replace: ([, scheme = '', token = ''], replacement) => (prose.test(token) ? undefined : scheme + replacement),
  }),
  patternRule({
    name: 'basic_credentials',
    needs: [holds.letterB],
    hint: /basic/i,
    pattern: /(?<![A-Za-z0-9])(basic\s{1,4})([A-Za-z0-9+/_-]{6,}={0,2})/gi,
    replace: ([, scheme = '', token = ''], replacement) =>
      /[a-z][A-Z]|[0-9=]/.test(token) && !prose.test(token) ? scheme + replacement : undefined,
  }),
  patternRule({
    name: 'jwt',
    needs: [holds.dot],
    hint: 'eyJ',
    pattern: /(?<![\w-])[\w-]{10,}\.[\w-]{10,}(?:\.[\w-]*){0,3}/g,
    replace: ([match], replacement) => (match.includes('eyJ') ? replacement : undefined),
  }),
  patternRule({
    name: 'aws_key',
    needs: [holds.run16],
    hint: /A[A-Z]{2}A|(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{40}/,
    // The key's id by its prefix, the secret by its exact length and its mixture of characters.
    pattern:
      /(?<![A-Za-z0-9+/=])(?:A(?:KIA|SIA|GPA|IDA|ROA|IPA|NPA|NVA|CCA)[A-Z0-9]{12,124}|(?!\/)[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=]))/g,
    replace: ([match], replacement) =>
      /^A[A-Z0-9]+$/.test(match) || (/[a-z]/.test(match) && /[A-Z]/.test(match) && /\d/.test(match))
        ? replacement
        : undefined,
  }),
  patternRule({
    name: 'github_token',
    needs: [holds.run16],
    hint: /gh[pousr]_|github_pat_/,
    pattern: /(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})/g,
  }),
  patternRule({
    name: 'gitlab_token',
    needs: [holds.run16],
    hint: /gl[a-z]{2,6}-/,
    pattern: /(?<![A-Za-z0-9])gl(?:pat|dt|rt|soat|ptt|agent|ft|imt|oas|cbt)-[\w-]{16,}/g,
  }),
  patternRule({
    name: 'slack_token',
    needs: [holds.dash, holds.dot | holds.slash],
    hint: /xox|xapp|hooks\.slack/,
    pattern:
      /(?:xox[a-z](?:\.xox[a-z])?-[\w-]{8,}|xapp-\d-[\w-]{8,}|hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)\/[\w/-]{8,})/g,
  }),
  patternRule({
    name: 'stripe_key',
    needs: [holds.underscore],
    hint: /_(?:live|test)_|whsec_/,
    pattern: /(?<![A-Za-z0-9])(?:[prs]k_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{16,})/g,
  }),
  patternRule({
    name: 'google_key',
    needs: [holds.run16, holds.dot],
    hint: /AIza|ya29|GOCSPX/,
    pattern: /(?<![A-Za-z0-9])(?:AIza[\w-]{30,}|ya29\.[\w.-]{16,}|GOCSPX-[\w-]{20,})/g,
  }),
  patternRule({
    name: 'service_key',
    needs: [holds.run16],
    hint: /(?:sk-|SG\.|npm_|pypi-|hv[sbr]\.|do[opr]_v1_|shp|dapi|key-|NRAK-|lin_api_|rubygems_|hf_|dckr_pat_|AGE-SECRET|PMAK-|sq0|SK|AC)/,
    // Model hosts, mail and message senders, package registries, vaults, clouds: prefix and length as their makers publish them.
    pattern:
      /(?<![A-Za-z0-9])(?:sk-[\w-]{20,}|SG\.[\w-]{16,}\.[\w-]{16,}|npm_[A-Za-z0-9]{30,}|pypi-[\w-]{16,}|hv[sbr]\.[\w-]{20,}|do[opr]_v1_[0-9a-f]{40,}|shp(?:at|ca|pa|ss)_[0-9A-Fa-f]{32}|dapi[0-9a-f]{32}|key-[0-9a-f]{32}|NRAK-[A-Z0-9]{27}|lin_api_[A-Za-z0-9]{30,}|rubygems_[0-9a-f]{40,}|hf_[A-Za-z0-9]{30,}|dckr_pat_[\w-]{20,}|AGE-SECRET-KEY-1[A-Z0-9]{40,}|PMAK-[\w-]{40,}|sq0[a-z]{3}-[\w-]{20,}|(?:SK|AC)[0-9a-f]{32})/g,
  }),
  patternRule({
    name: 'bot_token',
    needs: [holds.run16],
    hint: /[\d.][\w-]{6}|webhooks\//,
    // Discord's tokens and web hooks, Telegram's tokens, which its URLs write behind `bot`.
    pattern:
      /(?:(?<![\w-])[MNO][\w-]{22,27}\.[\w-]{6,7}\.[\w-]{27,40}(?![\w-])|(?<=\/webhooks\/)(?:\d{15,20}|\{\})\/[\w-]{16,}|(?:(?<![\w-])|(?<=\bbot))\d{8,10}:AA[\w-]{30,36}(?![\w-]))/g,
  }),
];
