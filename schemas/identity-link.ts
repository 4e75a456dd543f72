/** How long a one-time sign-in link lives, in minutes. No zod in this file: the screen says it where it gives a link. */
export const linkMinutes = 15
