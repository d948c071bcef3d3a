import type { Words } from './en.ts'

/** Dutch of the Netherlands and of Belgium: readers are addressed with "u". No pronoun stands for "reactie", whose gender differs. */
export const nl: Words = {
  submitted: 'Dank u voor uw reactie. Uw reactie verschijnt na goedkeuring door een moderator.',

  comments: { one: '{n} reactie', other: '{n} reacties' },
  none: 'Er zijn nog geen reacties op dit artikel.',
  beFirst: 'Laat als eerste weten wat u ervan vindt!',
  closed: 'Reageren op dit artikel is niet meer mogelijk.',
  feedEntry: '{name} over ‘{title}’',
  commentsOn: 'Reacties op ‘{title}’',
  commentsOfSite: 'Reacties',
  backToArticle: 'Terug naar het artikel',
  notTaken: 'Uw reactie kon niet worden verstuurd. Ga terug naar het formulier en probeer het opnieuw.',
  feed: 'Reacties als Atom-feed',

  leaveComment: 'Schrijf een reactie',
  replyTo: 'Antwoord aan {name}',
  allRequired: 'Alle velden zijn verplicht.',
  name: 'Naam',
  email: 'E-mailadres',
  emailHint: 'Uw e-mailadres wordt niet openbaar gemaakt.',
  body: 'Reactie',
  send: 'Versturen',
  sending: 'Wordt verstuurd…',
  rules: 'Regels voor reacties',
  privacy: 'Privacy',
  trap: 'Laat dit veld leeg',

  reply: 'Antwoorden',
  cancelReply: 'Niet antwoorden',
  inReplyTo: 'in antwoord op {name}',
  inReplyToNobody: 'in antwoord op een reactie die hier niet wordt getoond',

  more: 'Meer reacties',
  firstComments: 'De eerste reacties',
  show: 'Reacties tonen',
  loading: 'De reacties worden geladen…',
  unavailable: 'De reacties kunnen op dit moment niet worden getoond.',
  tryAgain: 'Opnieuw proberen',

  waits: 'Uw reactie wacht op goedkeuring.',
  published: 'Uw reactie is geplaatst.',
  rejected: 'Uw reactie is niet goedgekeurd.',
  rejectedBecause: 'Uw reactie is niet goedgekeurd: {reason}',
  withdraw: 'Intrekken',
  withdrawForGood: 'Definitief intrekken?',
  keepIt: 'Niet intrekken',
  withdrawn: 'Uw reactie is ingetrokken.',
  notWithdrawn: 'Uw reactie kon niet worden ingetrokken. Probeer het opnieuw.',

  required: 'Vul dit veld in.',
  tooLong: { one: 'Maximaal {n} teken.', other: 'Maximaal {n} tekens.' },
  notAnEmail: 'Geef een e-mailadres op, bijvoorbeeld ada@example.org.',
  holdsTheAddress: 'Uw naam wordt getoond en mag daarom uw e-mailadres niet bevatten.',
  notStorable: 'Sommige van deze tekens kunnen hier niet worden gebruikt.',
  invalid: 'Dit is geen geldige invoer.',

  notSent: 'Uw reactie kon niet worden verstuurd. Wat u schreef, staat er nog: probeer het opnieuw.',
  tooMany: 'Er komen op dit moment te veel reacties binnen. Probeer het over een minuut opnieuw.',
  full: 'Er wachten al te veel reacties op goedkeuring. Probeer het later opnieuw.',
  parentGone: 'De reactie waarop u antwoordt, is er niet meer.',
  looksAutomated:
    'Dat leek op een robot: sneller verstuurd dan een mens schrijft, of een verborgen veld was ingevuld. Wacht enkele seconden en verstuur uw reactie opnieuw.',
  correct: 'Controleer de gemarkeerde velden en verstuur uw reactie opnieuw.',
}
