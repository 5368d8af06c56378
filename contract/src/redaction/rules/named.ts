import { holds } from '../content.ts';
import { patternRule, type RedactionRule } from '../rule.ts';

/** What is counted or measured is no id: `user 3 of 20`, `user 0.12s`, `account 5 %`. */
const notCounted = '(?![\\w.]*[\\w%]| ?%| of )';
const people = '[Uu]ser|[Aa]ccount|[Cc]ustomer|[Mm]ember|[Aa]ctor|[Aa]uthor|[Pp]layer|[Ss]ubscriber|[Pp]atient';
const things = '[Gg]uild|[Cc]hannel|[Mm]essage|[Rr]oom';

/** Persons and their things as well-known software names them in prose: by a number, in quotes, or at a place of its log format. */
export const namedRules: readonly RedactionRule[] = [
  patternRule({
    name: 'numbered_id',
    needs: [holds.digit],
    isTemplated: true,
    hint: /\d/,
    // `user 42`, `User #42`, `User with 'id'=42`, `/users/42`. Small numbers of channels and rooms are those of machines.
    pattern: new RegExp(
      `(?:(?<![\\w-])((?:(?:${people})(?:[ _-]?[Ii][Dd])?(?: with)? ?(?:['"\`]?[Ii][Dd]['"\`]?)?[ :=]{0,3}[#'"\`(]{0,2})(?=\\d)|(?:${things})(?:[ _-]?[Ii][Dd])? [#'"\`(]{0,2}(?=\\d{4}))\\d{1,20}${notCounted}|(\\/(?:users?|u|accounts?|customers?|members?|guilds?|channels?|messages?|rooms?|profiles?)\\/)\\d{1,20}(?![\\w.-]))`,
      'g',
    ),
    replace: ([, before, path], replacement) => `${before ?? path ?? ''}${replacement}`,
  }),
  patternRule({
    name: 'named_user',
    // The pattern looks behind from every character: 1.4 us for a message of 60, which the second hint spares most of them.
    hint: [
      /user|role|account| for | - /i,
      /["'`:]|(?:invalid|illegal) user |(?:Accepted|Failed|Postponed) |session (?:opened|closed) /,
    ],
    pattern:
      /(?<=(?<![\w-])(?:[Uu]ser|[Uu]sername|[Aa]ccount|[Mm]ember|[Cc]ustomer|[Pp]layer) \\{0,3}["'`])[^"'`\\\r\n]{1,64}(?=\\{0,3}["'`])|(?<=\b[Rr]ole \\{0,3}["'`])[^"'`\\\r\n]{1,64}(?=\\{0,3}["'`] (?:does not exist|is not permitted|cannot))|(?<=\b(?:invalid user|illegal user) )[^\s"'`]{1,64}|(?<=\b(?:Accepted|Failed|Postponed) [\w/-]{1,32} for )(?!invalid user |illegal user )[^\s"'`]{1,64}|(?<=\bsession (?:opened|closed) for user )[^\s"'`]{1,64}|(?<=\bsession (?:opened|closed) for user \S{1,64} by )[^\s"'`(]{1,64}|(?<=\buser )[^\s"'`:]{1,64}(?=: (?:authentication failure|password mismatch|not found))|(?<= - )[^\s"'`-][^\s"'`]{0,63}(?= \[\d\d\/[A-Z][a-z]{2}\/\d{4}:)/g,
  }),
  patternRule({
    name: 'home_folder',
    needs: [holds.slash, holds.backslash],
    hint: /home|Users/,
    // Of a file: `/home/feed` is also a route.
    pattern:
      /(?<=\/(?:home|Users)\/)[^/\s"'`:]{1,64}(?=\/[^\s"'`:]{0,200}\.\w)|(?<=\b[A-Z]:\\{1,4}Users\\{1,4})[^\\/\s"'`:]{1,64}(?=\\)/g,
  }),
  patternRule({
    name: 'matrix_id',
    needs: [holds.at | holds.colon, holds.bang | holds.colon],
    hint: /[@!][^\s@]{1,255}:/,
    pattern: /(?<![\p{L}\p{N}])[@!][\w.=/+-]{1,128}:(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,63}/gu,
  }),
];
