import type { Words } from './en.ts'

/** Portuguese that reads well in Portugal and in Brazil: no "você", no gerund for what goes on. A million takes "de". */
export const pt: Words = {
  submitted: 'Agradecemos o seu comentário. Será publicado assim que a moderação o aprovar.',

  comments: { one: '{n} comentário', many: '{n} de comentários', other: '{n} comentários' },
  none: 'Este artigo ainda não tem comentários.',
  beFirst: 'Seja a primeira pessoa a dar a sua opinião!',
  closed: 'Os comentários a este artigo estão encerrados.',
  feedEntry: '{name} sobre “{title}”',
  commentsOn: 'Comentários sobre “{title}”',
  commentsOfSite: 'Comentários',
  backToArticle: 'Voltar ao artigo',
  notTaken: 'Não foi possível enviar o seu comentário. Volte ao formulário e tente novamente.',
  feed: 'Feed Atom dos comentários',

  leaveComment: 'Deixe um comentário',
  replyTo: 'Responder a {name}',
  allRequired: 'Todos os campos são obrigatórios.',
  name: 'Nome',
  email: 'E-mail',
  emailHint: 'O seu e-mail não será publicado.',
  body: 'Comentário',
  send: 'Enviar',
  sending: 'Envio em curso…',
  rules: 'Regras dos comentários',
  privacy: 'Privacidade',
  trap: 'Deixe este campo em branco',

  reply: 'Responder',
  cancelReply: 'Não responder',
  inReplyTo: 'em resposta a {name}',
  inReplyToNobody: 'em resposta a um comentário que não é mostrado aqui',

  more: 'Mais comentários',
  firstComments: 'Os primeiros comentários',
  show: 'Ver os comentários',
  loading: 'Os comentários chegam em instantes…',
  unavailable: 'Neste momento não é possível mostrar os comentários.',
  tryAgain: 'Tentar novamente',

  waits: 'O seu comentário aguarda aprovação.',
  published: 'O seu comentário foi publicado.',
  rejected: 'O seu comentário não foi aprovado.',
  rejectedBecause: 'O seu comentário não foi aprovado: {reason}',
  withdraw: 'Retirar o comentário',
  withdrawForGood: 'Retirá-lo definitivamente?',
  keepIt: 'Manter o comentário',
  withdrawn: 'O seu comentário foi retirado.',
  notWithdrawn: 'Não foi possível retirar o seu comentário. Tente novamente.',

  required: 'Preencha este campo.',
  tooLong: {
    one: 'No máximo {n} caractere.',
    many: 'No máximo {n} de caracteres.',
    other: 'No máximo {n} caracteres.',
  },
  notAnEmail: 'Indique um endereço de e-mail, por exemplo ada@example.org.',
  holdsTheAddress: 'O seu nome é mostrado, por isso não deve conter o seu endereço de e-mail.',
  notStorable: 'Alguns destes caracteres não podem ser usados aqui.',
  invalid: 'Este dado não é válido.',

  notSent: 'Não foi possível enviar o seu comentário. O que escreveu continua aqui: tente novamente.',
  tooMany: 'Neste momento chegam demasiados comentários. Tente novamente dentro de um minuto.',
  full: 'Já há demasiados comentários à espera de aprovação. Tente novamente mais tarde.',
  parentGone: 'O comentário a que responde deixou de estar disponível.',
  looksAutomated:
    'O envio parece automático: foi mais rápido do que se consegue escrever, ou um campo oculto estava preenchido. Aguarde alguns segundos e envie novamente o comentário.',
  correct: 'Verifique os campos assinalados e envie novamente o comentário.',
}
