/** How long a one-time sign-in link lives, in minutes. No zod in this file: the screen says it where it gives a link. */
export const linkMinutes = 15

/** How long it lives for a person who was never here, in days: an invitation is read when there is time for it. */
export const invitationDays = 7

/** How long a person's new link lives, in minutes. */
export const linkLife = (person: { invited: boolean }): number =>
  person.invited ? invitationDays * 24 * 60 : linkMinutes

/** The same in words: `7 days`. */
export const linkLifeWords = (person: { invited: boolean }): string =>
  person.invited ? `${invitationDays} days` : `${linkMinutes} minutes`
