/** What a supervisor asks. */
export interface MachineStore {
  /** Resolves where a read answers and a write would be taken; rejects with the fault otherwise. */
  checkReady(): Promise<void>

  /** Lets commands under way finish, then releases the database. */
  close(): Promise<void>
}
