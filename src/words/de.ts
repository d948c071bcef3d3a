import type { Words } from './en.ts'

/** German: readers are addressed with "Sie", and no sentence tells their gender. */
export const de: Words = {
  submitted: 'Vielen Dank für Ihren Kommentar. Er erscheint, sobald die Moderation ihn freigegeben hat.',

  comments: { one: '{n} Kommentar', other: '{n} Kommentare' },
  none: 'Zu diesem Artikel gibt es noch keine Kommentare.',
  beFirst: 'Machen Sie den Anfang: Was meinen Sie?',
  closed: 'Dieser Artikel kann nicht mehr kommentiert werden.',
  feedEntry: '{name} zu „{title}“',
  commentsOn: 'Kommentare zu „{title}“',
  commentsOfSite: 'Kommentare',
  backToArticle: 'Zurück zum Artikel',
  notTaken:
    'Ihr Kommentar konnte nicht gesendet werden. Bitte gehen Sie zum Formular zurück und versuchen Sie es erneut.',
  feed: 'Kommentare als Atom-Feed',

  leaveComment: 'Kommentar schreiben',
  replyTo: 'Antwort an {name}',
  allRequired: 'Alle Felder sind Pflichtfelder.',
  name: 'Name',
  email: 'E-Mail-Adresse',
  emailHint: 'Ihre E-Mail-Adresse wird nicht veröffentlicht.',
  body: 'Kommentar',
  send: 'Senden',
  sending: 'Wird gesendet\u00a0…',
  rules: 'Regeln für Kommentare',
  privacy: 'Datenschutz',
  trap: 'Bitte lassen Sie dieses Feld leer',

  reply: 'Antworten',
  cancelReply: 'Nicht antworten',
  inReplyTo: 'als Antwort auf {name}',
  inReplyToNobody: 'als Antwort auf einen Kommentar, der hier nicht angezeigt wird',

  more: 'Weitere Kommentare',
  firstComments: 'Die ersten Kommentare',
  show: 'Kommentare anzeigen',
  loading: 'Die Kommentare werden geladen\u00a0…',
  unavailable: 'Die Kommentare können zurzeit nicht angezeigt werden.',
  tryAgain: 'Erneut versuchen',

  waits: 'Ihr Kommentar wartet auf die Freigabe.',
  published: 'Ihr Kommentar wurde veröffentlicht.',
  rejected: 'Ihr Kommentar wurde nicht freigegeben.',
  rejectedBecause: 'Ihr Kommentar wurde nicht freigegeben: {reason}',
  withdraw: 'Zurückziehen',
  withdrawForGood: 'Endgültig zurückziehen?',
  keepIt: 'Behalten',
  withdrawn: 'Ihr Kommentar wurde zurückgezogen.',
  notWithdrawn: 'Ihr Kommentar konnte nicht zurückgezogen werden. Bitte versuchen Sie es erneut.',

  required: 'Bitte füllen Sie dieses Feld aus.',
  tooLong: { one: 'Bitte höchstens {n} Zeichen.', other: 'Bitte höchstens {n} Zeichen.' },
  notAnEmail: 'Bitte geben Sie eine E-Mail-Adresse an, zum Beispiel ada@example.org.',
  holdsTheAddress: 'Ihr Name wird angezeigt und darf deshalb Ihre E-Mail-Adresse nicht enthalten.',
  notStorable: 'Einige dieser Zeichen können hier nicht verwendet werden.',
  invalid: 'Diese Angabe ist ungültig.',

  notSent: 'Ihr Kommentar konnte nicht gesendet werden. Ihr Text ist noch da: Bitte versuchen Sie es erneut.',
  tooMany: 'Zurzeit gehen zu viele Kommentare ein. Bitte versuchen Sie es in einer Minute erneut.',
  full: 'Es warten bereits zu viele Kommentare auf die Freigabe. Bitte versuchen Sie es später erneut.',
  parentGone: 'Der Kommentar, auf den Sie antworten, ist nicht mehr da.',
  looksAutomated:
    'Das sah nach einem Automaten aus: Es ging schneller, als ein Mensch schreibt, oder ein verborgenes Feld war ausgefüllt. Bitte warten Sie einige Sekunden und senden Sie den Kommentar erneut.',
  correct: 'Bitte prüfen Sie die markierten Felder und senden Sie den Kommentar erneut.',
}
