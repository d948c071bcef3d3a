/** An address in one household: of the given /64, up to 255, of its /56 (RFC 6177). */
export function inHousehold(link: number): string {
  return `2001:db8:1:1${twoDigits(link)}::1`
}

/** An address of the given household, up to 255, of another /48. */
export function ofHousehold(house: number): string {
  return `2001:db8:2:${twoDigits(house)}00::1`
}

function twoDigits(number: number): string {
  return number.toString(16).padStart(2, '0')
}
