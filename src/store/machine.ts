/** What a supervisor asks. */
export interface MachineStore {
  /** Resolves where a read answers and a write would be taken; rejects with the fault otherwise. */
  checkReady(): Promise<void>

  /** How much of the disk the database takes, in bytes, its log of writes aside. */
  sizeBytes(): Promise<number>

  /** Lets commands under way finish, then releases the database. */
  close(): Promise<void>
}
