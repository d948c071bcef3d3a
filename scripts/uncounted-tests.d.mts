/** Of a test file, by its path in test/. */
export function isUncounted(file: string): boolean
