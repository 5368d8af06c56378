/** The URL with the password in it; as it is where there is none to put in, or it has one. */
export function withPassword(databaseUrl: string, password: string | undefined): string {
  if (password === undefined || !URL.canParse(databaseUrl)) return databaseUrl;
  const url = new URL(databaseUrl);
  if (url.password !== '') return databaseUrl;
  // The setter leaves some characters as they are that a driver would decode: `%`, for one.
  url.password = encodeURIComponent(password);
  return url.href;
}
