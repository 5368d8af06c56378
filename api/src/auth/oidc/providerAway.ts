/** The identity provider does not answer, or not as it must: nobody can be recognised by it now. The message holds no values of its answers. */
export class ProviderAwayError extends Error {
  override readonly name = 'ProviderAwayError';
}
