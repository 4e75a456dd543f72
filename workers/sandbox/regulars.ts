/** People the store knew before the first lead; some of the made-up leads are from them. */
export const regulars = [
  { first: 'Maria', last: 'Alvarez', email: 'maria.alvarez@example.com', phone: '(512) 555-0114' },
  { first: 'James', last: 'Whitfield', email: 'j.whitfield@example.com', phone: '(512) 555-0127' },
  { first: 'Priya', last: 'Raman', email: 'priya.raman@example.org', phone: '(512) 555-0139' },
  { first: 'Tom', last: 'Becker', email: 'tom.becker@example.net', phone: '(512) 555-0142' },
  { first: 'Aisha', last: 'Coleman', email: 'aisha.coleman@example.com', phone: '(512) 555-0158' },
  { first: 'Daniel', last: 'Nguyen', email: 'dan.nguyen@example.org', phone: '(512) 555-0163' },
] as const
