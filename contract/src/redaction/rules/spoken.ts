import { holds } from '../content.ts';
import { isForbiddenKey } from '../forbiddenKeys.ts';
import { patternRule, type RedactionRule } from '../rule.ts';

/** Secrets that are named beside their value in another way than `key=value`: in a sentence, a command line, a pair, an element. */
export const spokenRules: readonly RedactionRule[] = [
  patternRule({
    name: 'said_secret',
    needs: [holds.quote, holds.digit],
    hint: /\b(?:is|was|are)\b/,
    // Prose says what is wrong with a password; a value is quoted, or holds a digit.
    pattern:
      /(?<![\w-])((?:[Pp]assword|[Pp]assphrase|[Pp]asscode|[Ss]ecret(?: key)?|[Tt]oken|[Aa][Pp][Ii] [Kk]ey|[Pp]rivate key|[Ll]ogin code|PIN|OTP|(?:verification|confirmation|security|access|one-time|login|sign-in|reset) (?:code|password))(?: (?:for|of) \S{1,64})? (?:is|was)(?: now)?[ :]{1,2})("[^"\n]{1,128}"|'[^'\n]{1,128}'|`[^`\n]{1,128}`|[^\s"'`]{0,128}\d[^\s"'`]{0,128})/g,
    replace: ([, before = ''], replacement) => before + replacement,
  }),
  patternRule({
    name: 'command_flag',
    needs: [holds.dash],
    hint: /(?:^|[\s"'`(])-{1,2}[A-Za-z]/,
    pattern:
      /(?<![^\s"'`(])(?:(--?)([A-Za-z][\w-]{1,63})( {1,4})(?!-)("[^"\n]{1,256}"|'[^'\n]{1,256}'|[^\s"'`]{1,256})|(-u {0,4})([^\s:"'`-][^\s:"'`]{0,63}:[^\s"'`]{1,256})|(-p {0,4})(?<=\blogin [^\n]{0,100}-p {0,4})([^\s"'`-][^\s"'`]{0,255}))/g,
    replace([, dashes, flag, space, , user, , password], replacement) {
      if (dashes !== undefined && flag !== undefined) {
        return isForbiddenKey(flag) ? `${dashes}${flag}${space}${replacement}` : undefined;
      }
      return `${user ?? password ?? ''}${replacement}`;
    },
  }),
  patternRule({
    name: 'named_value',
    needs: [holds.letterV | holds.colon, holds.letterV | holds.equals],
    hint: /value/i,
    // `{"name":"API_TOKEN","value":"…"}`, as environments, headers and cookies are listed.
    pattern:
      /(?<![\w-])((?:name|key|header|k)\\{0,3}["']?\s{0,4}[:=]\s{0,4}\\{0,3}["']?([\w.-]{1,128})\\{0,3}["']?,?(?:\s|\\{1,3}n){1,32}(?:\\{0,3}["'])?value\\{0,3}["']?\s{0,4}[:=]\s{0,4}|(?:name|key|header|k)\\{0,3}["']?\s{0,4}[:=]\s{0,4}\\{0,3}["']?([\w.-]{1,128})\\{0,3}["']?,\\{0,3}["']?value\\{0,3}["']?\s{0,4}[:=]\s{0,4})(\\{0,3}["'])?([^"'\\\r\n]{1,512})/gi,
    replace: ([, before = '', name, other, quote = ''], replacement) =>
      isForbiddenKey(name ?? other ?? '') ? before + quote + replacement : undefined,
  }),
  patternRule({
    name: 'wrapped_value',
    needs: [holds.openingParenthesis | holds.equals],
    hint: /\((?:value|raw|inner)=/,
    // `Token(value=…)`, as objects print themselves.
    pattern: /(?<!\w)([A-Z]\w{0,63})(\((?:value|raw|inner)=)([^,()\r\n]{1,512})/g,
    replace: ([, name = '', before = ''], replacement) =>
      isForbiddenKey(name) ? `${name}${before}${replacement}` : undefined,
  }),
  patternRule({
    name: 'xml_element',
    needs: [holds.less | holds.slash],
    hint: '</',
    pattern: /(<(?:\w{1,32}:)?([\w.-]{1,64})(?:\s[^<>]{0,256})?>)([^<]+)(?=<\/)/g,
    replace: ([, tag = '', key = ''], replacement) => (isForbiddenKey(key) ? tag + replacement : undefined),
  }),
];
