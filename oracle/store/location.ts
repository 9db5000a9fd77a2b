/** Whether a store's location names a PostgreSQL database, and not a file. */
export function isPostgres(location: string): boolean {
  return /^postgres(ql)?:\/\//.test(location);
}
