/** A whole number above 0 from the environment; `null` where it has none of this name. */
export function wholeNumber(name: string): number | null {
  const text = process.env[name]
  if (text === undefined) return null
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${name} must be a whole number`)
  return Number(text)
}
