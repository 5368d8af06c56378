/** Looks at every character of what was presented, whatever it finds: the time taken tells nothing of the token, and its length alone lets nobody in. */
export function equalInConstantTime(presented: string, expected: string): boolean {
  let difference = presented.length ^ expected.length;
  for (let index = 0; index < presented.length; index++) {
    difference |= presented.charCodeAt(index) ^ expected.charCodeAt(index % expected.length);
  }
  return difference === 0;
}
