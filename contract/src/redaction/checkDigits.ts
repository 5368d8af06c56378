/** Luhn's check digit (ISO/IEC 7812-1, annex B) over the digits of a string; other characters are skipped. */
export function passesLuhn(value: string): boolean {
  let sum = 0;
  let position = 0;
  for (let index = value.length - 1; index >= 0; index--) {
    const digit = value.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) continue;
    const doubled = position % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
    position++;
  }
  return position > 0 && sum % 10 === 0;
}

/** The check digits of a bank account number (ISO 13616: mod 97 = 1), given without spaces. */
export function passesIban(compact: string): boolean {
  let remainder = 0;
  for (const character of compact.slice(4) + compact.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    if (Number.isNaN(value)) return false;
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder === 1;
}
