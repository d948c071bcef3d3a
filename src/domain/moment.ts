/** The last millisecond of the year 9999: RFC 3339 can write no later one. */
export const lastMomentMs = 253_402_300_799_999
