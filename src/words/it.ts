import type { Words } from './en.ts'

/** Italian: sentences address readers with "lei"; buttons are short, as on every Italian page. A million takes "di". */
export const it: Words = {
  submitted: 'Grazie per il suo commento. Sarà pubblicato non appena approvato dalla moderazione.',

  comments: { one: '{n} commento', many: '{n} di commenti', other: '{n} commenti' },
  none: 'Non ci sono ancora commenti a questo articolo.',
  beFirst: 'Apra la discussione: che cosa ne pensa?',
  closed: 'I commenti a questo articolo sono chiusi.',
  feedEntry: '{name} su «{title}»',
  commentsOn: 'Commenti a «{title}»',
  commentsOfSite: 'Commenti',
  backToArticle: 'Torna all’articolo',
  notTaken: 'Non è stato possibile inviare il suo commento. Torni al modulo e riprovi.',
  feed: 'Feed Atom dei commenti',

  leaveComment: 'Lascia un commento',
  replyTo: 'Rispondi a {name}',
  allRequired: 'Tutti i campi sono obbligatori.',
  name: 'Nome',
  email: 'Indirizzo email',
  emailHint: 'Il suo indirizzo email non sarà pubblicato.',
  body: 'Commento',
  send: 'Invia',
  sending: 'Invio in corso…',
  rules: 'Regole per i commenti',
  privacy: 'Privacy',
  trap: 'Lasci vuoto questo campo',

  reply: 'Rispondi',
  cancelReply: 'Non rispondere',
  inReplyTo: 'in risposta a {name}',
  inReplyToNobody: 'in risposta a un commento non visibile qui',

  more: 'Altri commenti',
  firstComments: 'I primi commenti',
  show: 'Mostra i commenti',
  loading: 'Caricamento dei commenti…',
  unavailable: 'Al momento non è possibile mostrare i commenti.',
  tryAgain: 'Riprova',

  waits: 'Il suo commento è in attesa di approvazione.',
  published: 'Il suo commento è stato pubblicato.',
  rejected: 'Il suo commento non è stato approvato.',
  rejectedBecause: 'Il suo commento non è stato approvato: {reason}',
  withdraw: 'Ritira il commento',
  withdrawForGood: 'Ritirarlo definitivamente?',
  keepIt: 'Mantieni il commento',
  withdrawn: 'Il suo commento è stato ritirato.',
  notWithdrawn: 'Non è stato possibile ritirare il suo commento. Riprovi.',

  required: 'Compili questo campo.',
  tooLong: {
    one: 'Al massimo {n} carattere.',
    many: 'Al massimo {n} di caratteri.',
    other: 'Al massimo {n} caratteri.',
  },
  notAnEmail: 'Indichi un indirizzo email, per esempio ada@example.org.',
  holdsTheAddress: 'Il suo nome viene mostrato: non deve contenere il suo indirizzo email.',
  notStorable: 'Alcuni di questi caratteri non si possono usare qui.',
  invalid: 'Questo dato non è valido.',

  notSent:
    'Non è stato possibile inviare il suo commento. Quello che ha scritto è ancora qui: provi di nuovo.',
  tooMany: 'In questo momento arrivano troppi commenti. Provi di nuovo tra un minuto.',
  full: 'Troppi commenti sono già in attesa di approvazione. Provi di nuovo più tardi.',
  parentGone: 'Il commento a cui risponde non c’è più.',
  looksAutomated:
    'L’invio sembra automatico: è stato più rapido di quanto si possa scrivere, oppure un campo nascosto era compilato. Attenda qualche secondo e invii di nuovo il commento.',
  correct: 'Controlli i campi segnalati e invii di nuovo il commento.',
}
