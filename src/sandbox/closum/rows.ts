/** A lead as Closum keeps it; the lists show the phone and the email instead of their ids. */
export interface Lead {
  readonly id: number
  readonly name: string | null
  readonly city_id: number | null
  /** JSON text, if whoever wrote it took care. */
  readonly custom_data: string | null
  readonly creation_date: string
  readonly phone_id: number | null
  readonly email_id: number | null
}

export interface City {
  readonly id: number
  readonly city_name: string
}

export interface Email {
  readonly id: number
  readonly email: string
  /** 1 is active. */
  readonly status: number
  readonly register_date: string
}

export interface Phone {
  readonly id: number
  readonly extension: string
  readonly number: string
  /** A boolean, which the service also writes as a number. */
  readonly is_valid: boolean | number
  readonly date_add: string
}
