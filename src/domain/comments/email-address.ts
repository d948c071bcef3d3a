const atom = "[A-Za-z0-9\\u00a1-\\uffff!#$%&'*+/=?^_`{|}~-]+"
const label = '[A-Za-z0-9\\u00a1-\\uffff](?:[A-Za-z0-9\\u00a1-\\uffff-]{0,61}[A-Za-z0-9\\u00a1-\\uffff])?'

/**
 * Addresses as mail systems accept them: dot-atoms before the @ (RFC 5321; RFC 6531 for letters beyond ASCII), at
 * most 64 characters, then a domain of two labels or more, internationalised ones included, of which the last is not of digits
 * alone (RFC 3696, section 2). No quoted local parts, no address literals: readers do not have those. Means the same with and
 * without the flag `u`, as tools differ.
 */
export const emailPattern = new RegExp(
  `^(?!\\S*\\s)(?=[^@]{1,64}@)${atom}(?:\\.${atom})*@${label}(?:\\.${label})*\\.(?!\\d+$)${label}$`,
)
