/** Something in the way of a start that its user can change or has to know; the message says it in full. */
export class CannotStart extends Error {}
