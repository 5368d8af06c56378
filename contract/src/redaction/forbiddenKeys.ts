import { keyCharacters } from './limits.ts';

/** Forbidden wherever they stand in a key, letters and digits compared alone: `apiKey`, `api_key` and `x-api-key` are one. */
const fragments = new RegExp(
  wordsOf(`
  token secret password passwd passphrase passcode pwd key credential authorization cookie csrf xsrf jwt bearer
  sessionid sessid connectionstring connstr username nickname displayname fullname firstname lastname realname
  birthdate birthday email phone creditcard cardnumber accountnumber iban cvv ipaddress ipaddr clientip remoteip
  remoteaddr macaddress useragent deviceid imei fingerprint latitude longitude postalcode postcode zipcode
  streetaddress geolocation guildid channelid messageid roomid memberid accountid customerid actorid authorid
  ownerid stacktrace backtrace traceback dbstatement querytext querystring urlquery urlfull httpurl requestbody
  responsebody messagecontent dbqueryparameter passport bindpw
  passwort kennwort contraseña contrasena wachtwoord lösenord losenord hasło haslo heslo salasana motdepasse пароль
  パスワード 密码 密碼 비밀번호 şifre benutzername nutzername utilisateur gebruikersnaam пользовател ユーザー 用户名
  사용자 телефон 手机 电话 邮箱 почта
`).join('|'),
);

/** Forbidden as a whole key or as its last word: `db.user`, `client.ip`, `peer.address`. */
const lastWords = new Set(
  wordsOf(`
  user users login owner author member nick uid uuid guid udid sid mail tel mobile fax address addr street city
  zip dob ssn pan cvc pin otp ip ips mac lat lon lng dsn sig signature salt nonce sql statement stack body
  payload content principal pw passe senha parola sifre benutzer nutzer usuario usuário utente gebruiker correo
  telefon telefono teléfono telefone téléphone telefonnummer adresse dirección адрес 用户
`),
);

/** Forbidden as any word of a key: `geo.city.name`. */
const anyWords = new Set(['geo']);

/** Words that merely hold a forbidden one. */
const innocentWords = /valkey|keycloak|keystone|keyboard|keyspace|keyframe|keynote|monkey|tokeniz/g;

/** What a key says *about* a forbidden thing is not that thing: `token_type`, `key_count`, `http.request.body.size`. */
const harmlessLastWords = new Set(
  wordsOf(`
  count total size length bytes ms seconds limit type status state expired valid present enabled required
`),
);

/**
 * Whether a field is forbidden by its key alone (contract.md §2): `*token*`, `*secret*`, `*password*`, `*key*`, `*user*id*`, authorization,
 * cookie, and the rest of what no telemetry table may hold. Case and separators do not matter.
 */
export function isForbiddenKey(key: string): boolean {
  const words = key
    .slice(0, keyCharacters)
    .normalize('NFKC')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(innocentWords, ' ')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  const last = words.at(-1) ?? '';
  if (words.length > 1 && harmlessLastWords.has(last)) return false;
  const compact = words.join('');
  if (lastWords.has(last) || lastWords.has(compact) || words.some((word) => anyWords.has(word))) return true;
  const user = compact.indexOf('user');
  if (user >= 0 && compact.indexOf('id', user + 4) >= 0) return true;
  return fragments.test(compact);
}

function wordsOf(list: string): string[] {
  return list.trim().split(/\s+/);
}
