/** Columns of the tables that Sluice keeps in every dataset. */
export interface SystemTables {
  _dlt_loads: {
    load_id: string
    schema_name: string
    status: number
    inserted_at: string
    schema_version_hash: string
  }
}
